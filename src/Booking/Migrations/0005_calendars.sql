create domain booking.feed_error as text check (value in (
    'unreachable', 'refused', 'not_allowed', 'too_large', 'not_a_calendar', 'too_many_events', 'unsupported_recurrence', 'unknown_time_zone', 'too_many_units'));
create domain booking.failures as integer check (value >= 0);

-- The secret address at which a listing's calendar is read; of its secret only a hash.
create table booking.calendar_links (
    listing_id uuid primary key references booking.listings,
    token_hash bytea not null unique check (length(token_hash) = 32),
    created_at timestamptz not null
);

-- Calendars elsewhere: when they are busy, the listing is closed.
create table booking.feeds (
    id            uuid primary key,
    listing_id    uuid not null references booking.listings,
    name          text not null check (length(name) between 1 and 100),
    url           text not null check (length(url) between 1 and 2000),
    -- What its server calls the version that was read last: named again, it need not be sent again.
    version       text check (length(version) <= 500),
    last_modified text check (length(last_modified) <= 100),
    tried_at      timestamptz,
    -- When it was last well; when it was last read whole; and why it is not well now.
    good_at       timestamptz,
    read_at       timestamptz,
    error         booking.feed_error,
    error_detail  booking.remark,
    failures      booking.failures not null default 0,
    -- When its owner was told that it is not well; null once it is again.
    told_at       timestamptz,
    due_at        timestamptz not null,
    created_at    timestamptz not null,
    updated_at    timestamptz not null
);

create index feeds_of_listing on booking.feeds (listing_id, created_at, id);
create index feeds_that_are_due on booking.feeds (due_at);

-- What such a calendar closes; null is the owner's own.
alter table booking.blocks add column feed_id uuid references booking.feeds on delete cascade;
create index blocks_of_feed on booking.blocks (feed_id, starts_at) where feed_id is not null;

-- Bookings in a time at which a calendar elsewhere is busy as well, once their owner was told.
create table booking.feed_conflicts (
    feed_id    uuid not null references booking.feeds on delete cascade,
    booking_id uuid not null references booking.bookings,
    created_at timestamptz not null,
    primary key (feed_id, booking_id)
);

create index conflicts_of_booking on booking.feed_conflicts (booking_id);
