create schema booking;

-- A trusted extension: whoever may create schemas in this database may add it. A uuid and a range exclude each other in one index.
create extension if not exists btree_gist;

-- A column's rule lives in its type: a domain's is kept ready, a table's is parsed anew for every statement that writes a row.
create domain booking.rental_unit as text check (value in ('day', 'hour'));
create domain booking.approval as text check (value in ('pending', 'approved', 'rejected'));
create domain booking.booking_status as text check (value in ('requested', 'pending', 'paid', 'confirmed', 'completed', 'declined', 'cancelled', 'expired'));
create domain booking.payment_status as text check (value in ('pending', 'paid', 'failed', 'partially_refunded', 'refunded'));
create domain booking.actor as text check (value in ('renter', 'owner', 'admin', 'system'));
create domain booking.change_status as text check (value in ('pending', 'done', 'expired', 'cancelled'));
create domain booking.currency as text check (value ~ '^[A-Z]{3}$');
create domain booking.amount as bigint check (value >= 0);
create domain booking.total as bigint check (value between 0 and 1000000000000);
create domain booking.title as text check (length(value) between 1 and 200);
create domain booking.remark as text check (length(value) <= 500);
create domain booking.notes as text check (length(value) <= 2000);
create domain booking.time_zone as text check (length(value) between 1 and 64);
create domain booking.json_array as jsonb check (jsonb_typeof(value) = 'array');
create domain booking.json_object as jsonb check (jsonb_typeof(value) = 'object');
create domain booking.units as integer check (value between 1 and 10000);
create domain booking.event_position as integer check (value >= 1);
-- In hundredths of a percent.
create domain booking.share as integer check (value between 0 and 10000);

-- What is rented out, and what the house keeps of it.
create table booking.categories (
    slug       text collate "C" primary key check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 50),
    name       text not null check (length(name) between 1 and 100),
    commission booking.share not null,
    position   integer not null check (position between 0 and 1000000),
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create table booking.listings (
    id            uuid primary key,
    owner_id      uuid not null,
    title         booking.title not null,
    description   text not null check (length(description) <= 5000),
    category      text collate "C" not null references booking.categories,
    unit          booking.rental_unit not null,
    time_zone     booking.time_zone not null,
    currency      booking.currency not null,
    -- The plain price of a day or an hour of one unit: what lists sort and filter by.
    price         booking.total not null,
    -- All else that a price and a period are judged by; read whole, and only with the listing.
    terms         booking.json_object not null,
    city          text not null check (length(city) between 1 and 100),
    address       text check (length(address) between 1 and 300),
    lat           double precision check (lat between -90 and 90),
    lng           double precision check (lng between -180 and 180),
    -- How many people it is for.
    capacity      integer check (capacity between 1 and 1000000),
    units         booking.units not null,
    -- Whether its units are alike and counted, and not told apart: above 20 of them.
    is_pooled     boolean not null,
    instant       boolean not null,
    is_active     boolean not null,
    approval      booking.approval not null,
    approval_note booking.remark,
    images        booking.json_array not null,
    metadata      booking.json_object not null,
    rating_sum    bigint not null default 0 check (rating_sum >= 0),
    rating_count  integer not null default 0 check (rating_count >= 0),
    -- Nobody sees it any more; bookings keep it.
    archived_at   timestamptz,
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    check ((lat is null) = (lng is null)),
    check (is_pooled = (units > 20))
);

create index listings_of_owner on booking.listings (owner_id, created_at, id) where archived_at is null;
create index listings_of_category on booking.listings (category);

-- Times that the owner, or a calendar of theirs elsewhere, closes.
create table booking.blocks (
    id         uuid primary key,
    listing_id uuid not null references booking.listings,
    starts_at  timestamptz not null,
    ends_at    timestamptz not null,
    -- How many units are closed, and which, where they are told apart.
    quantity   booking.units not null,
    units      integer[],
    reason     booking.remark,
    created_at timestamptz not null,
    check (starts_at < ends_at),
    check (units is null or cardinality(units) = quantity)
);

create index blocks_of_listing on booking.blocks (listing_id, starts_at);

create table booking.bookings (
    id              uuid primary key,
    -- What people call it by.
    code            text collate "C" not null unique check (code ~ '^[0-9A-HJKMNP-TV-Z]{10}$'),
    listing_id      uuid not null references booking.listings,
    owner_id        uuid not null,
    renter_id       uuid not null,
    status          booking.booking_status not null,
    payment_status  booking.payment_status not null,
    -- Of the listing, as it was: it changes, and the booking does not.
    title           booking.title not null,
    unit            booking.rental_unit not null,
    time_zone       booking.time_zone not null,
    starts_at       timestamptz not null,
    ends_at         timestamptz not null,
    -- The same with the buffers before and after.
    held_from       timestamptz not null,
    held_until      timestamptz not null,
    -- The earliest that it ever was to begin: a policy counts from then, or somebody would move it away to cancel it for nothing.
    counts_from     timestamptz not null,
    quantity        booking.units not null,
    -- Which units, where they are told apart and it holds any.
    units           integer[],
    guests          integer check (guests between 1 and 1000000),
    notes           booking.notes,
    add_ons         booking.json_array not null,
    lines           booking.json_array not null,
    currency        booking.currency not null,
    deposit         booking.amount not null,
    total           booking.total not null,
    commission      booking.share not null,
    policy          booking.json_array not null,
    instant         boolean not null,
    -- Part of what is paid together.
    basket_id       uuid,
    -- Until when it is answered or paid; null where it does not wait.
    expires_at      timestamptz,
    paid_at         timestamptz,
    payment_id      uuid, -- The payment that paid it: refunds of any other are none of its business.
    -- Money, in minor units: what came in by the payment that paid it and in all, what went back of that payment and in all, what was asked to go back in all, what of the deposit was claimed, and what was let go
    -- to the owner and to the house.
    main_collected  booking.amount not null default 0,
    collected       booking.amount not null default 0,
    main_refunded   booking.amount not null default 0,
    refunded        booking.amount not null default 0,
    refund_asked    booking.amount not null default 0,
    claimed         booking.amount not null default 0,
    owner_earned    booking.amount not null default 0,
    house_earned    booking.amount not null default 0,
    -- How often its money was moved in the books: names the next move.
    settled         integer not null default 0 check (settled >= 0),
    deposit_due_at  timestamptz,
    deposit_back_at timestamptz,
    cancel_reason   booking.remark,
    metadata        booking.json_object not null,
    completed_at    timestamptz,
    created_at      timestamptz not null,
    updated_at      timestamptz not null,
    check (starts_at < ends_at),
    check (held_from <= starts_at and held_until >= ends_at),
    check (counts_from <= starts_at),
    check (deposit <= total),
    check (claimed <= deposit),
    check (units is null or cardinality(units) = quantity)
);

create index bookings_of_renter on booking.bookings (renter_id, created_at desc, id desc);
create index bookings_of_owner on booking.bookings (owner_id, created_at desc, id desc);
create index bookings_of_listing on booking.bookings (listing_id, starts_at);
create index bookings_of_basket on booking.bookings (basket_id) where basket_id is not null;
create index bookings_that_wait on booking.bookings (expires_at) where status in ('requested', 'pending', 'paid');
create index bookings_that_end on booking.bookings (ends_at) where status = 'confirmed';
create index deposits_that_go_back on booking.bookings (deposit_due_at) where deposit_due_at is not null and deposit_back_at is null;

create table booking.booking_events (
    booking_id uuid not null references booking.bookings,
    position   booking.event_position not null,
    status     booking.booking_status not null,
    at         timestamptz not null,
    made_by    booking.actor not null,
    made_by_id uuid,
    reason     booking.remark,
    primary key (booking_id, position)
);

-- Another time for a booking, held beside the old one until the difference is paid.
create table booking.booking_changes (
    id         uuid primary key,
    booking_id uuid not null references booking.bookings,
    status     booking.change_status not null,
    starts_at  timestamptz not null,
    ends_at    timestamptz not null,
    held_from  timestamptz not null,
    held_until timestamptz not null,
    units      integer[],
    lines      booking.json_array not null,
    total      booking.total not null,
    -- What is still to be paid for it.
    difference booking.amount not null,
    refunded   booking.amount not null default 0,
    payment_id uuid,
    payment_status booking.payment_status not null,
    expires_at timestamptz,
    made_by    booking.actor not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    check (starts_at < ends_at),
    check (held_from <= starts_at and held_until >= ends_at)
);

create unique index one_change_at_a_time on booking.booking_changes (booking_id) where status = 'pending';
create index changes_of_booking on booking.booking_changes (booking_id, created_at);
create index changes_that_wait on booking.booking_changes (expires_at) where status = 'pending';

-- Who has which unit when. Nobody has a unit twice at a time: the database itself refuses.
create table booking.taken (
    listing_id uuid not null references booking.listings,
    unit       integer not null check (unit between 1 and 20),
    during     tstzrange not null check (not isempty(during) and lower_inc(during) and not upper_inc(during) and lower(during) is not null and upper(during) is not null),
    -- Looked at when all is written: a booking's units are taken before it is known which they are.
    booking_id uuid references booking.bookings deferrable initially deferred,
    block_id   uuid references booking.blocks on delete cascade deferrable initially deferred,
    check (num_nonnulls(booking_id, block_id) = 1),
    constraint no_overlap exclude using gist (listing_id with =, unit with =, during with &&)
);

create index taken_by_booking on booking.taken (booking_id) where booking_id is not null;
create index taken_by_block on booking.taken (block_id) where block_id is not null;

-- What is alike is counted: units of a listing with many, and add-ons with stock. One row for each cell of time (a day of a listing by day, a quarter of an hour of one by hour) that
-- anything is taken in.
create table booking.counts (
    resource_id uuid not null,
    at          timestamptz not null,
    taken       integer not null check (taken >= 0),
    capacity    integer not null,
    primary key (resource_id, at),
    constraint no_more_than_there_are check (taken <= capacity)
);

-- What owners earned by their bookings, and what of it was taken back. What no batch has paid out waits for the next.
create table booking.earnings (
    id         uuid primary key,
    owner_id   uuid not null,
    booking_id uuid not null references booking.bookings,
    amount     bigint not null check (amount <> 0),
    currency   booking.currency not null,
    payout_id  uuid,
    created_at timestamptz not null
);

create index earnings_that_wait on booking.earnings (owner_id, currency) where payout_id is null;
create index earnings_of_owner on booking.earnings (owner_id, created_at desc, id desc);
create index earnings_of_booking on booking.earnings (booking_id);
create index earnings_of_payout on booking.earnings (payout_id) where payout_id is not null;
