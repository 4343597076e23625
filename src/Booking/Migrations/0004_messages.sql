create domain booking.side as text check (value in ('renter', 'owner'));
create domain booking.message_text as text check (length(value) between 1 and 2000);
-- What becomes of one that was offered is said by the booking that it was offered with.
create domain booking.wait_status as text check (value in ('waiting', 'offered', 'left'));

-- Who wants a time that somebody else has.
create table booking.waits (
    id         uuid primary key,
    listing_id uuid not null references booking.listings,
    person_id  uuid not null,
    -- The line's order: given while the listing is locked, and so in the order in which they came.
    place      bigint not null generated always as identity,
    status     booking.wait_status not null,
    -- The whole wish, as it was sent.
    wish       booking.json_object not null,
    starts_at  timestamptz not null,
    ends_at    timestamptz not null,
    -- What is held for them, once, when its turn comes.
    booking_id uuid unique references booking.bookings,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    check (starts_at < ends_at),
    check ((status = 'offered') = (booking_id is not null))
);

create unique index one_wait_for_a_time on booking.waits (listing_id, person_id, starts_at, ends_at) where status = 'waiting';
create index waits_in_line on booking.waits (listing_id, place) where status = 'waiting';
create index waits_of_listing on booking.waits (listing_id, created_at, id);
create index waits_of_person on booking.waits (person_id, created_at desc, id desc);

-- What renter and owner say to each other about a booking.
create table booking.messages (
    id         uuid primary key,
    booking_id uuid not null references booking.bookings,
    author     booking.side not null,
    author_id  uuid not null,
    -- Null once its author is erased.
    text       booking.message_text,
    -- Whether contact details were taken out of it. They are not kept.
    is_masked  boolean not null,
    created_at timestamptz not null,
    read_at    timestamptz,
    -- When a letter told of it, where it was not read before.
    told_at    timestamptz
);

create index messages_of_booking on booking.messages (booking_id, created_at, id);
create index messages_to_read on booking.messages (booking_id, author) where read_at is null;
create index messages_of_author on booking.messages (author_id, id);

-- When somebody was last written to that messages wait for them.
create table booking.message_letters (
    booking_id uuid not null references booking.bookings,
    reader     booking.side not null,
    told_at    timestamptz not null,
    primary key (booking_id, reader)
);

-- How far letters have told what happened to a booking.
create table booking.letters (
    booking_id   uuid primary key references booking.bookings,
    -- The last entry of its timeline that was looked at.
    position     integer not null check (position >= 0),
    deposit_back boolean not null
);

-- For which beginning a booking's people were reminded.
create table booking.reminders (
    booking_id uuid not null references booking.bookings,
    starts_at  timestamptz not null,
    created_at timestamptz not null,
    primary key (booking_id, starts_at)
);

create index bookings_that_begin on booking.bookings (starts_at) where status = 'confirmed';
