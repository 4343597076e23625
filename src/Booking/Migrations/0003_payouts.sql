create domain booking.payout_status as text check (value in ('pending', 'paid', 'cancelled'));

-- What is paid out to owners together.
create table booking.payout_batches (
    id         uuid primary key,
    -- Null where all currencies were taken.
    currency   booking.currency,
    created_at timestamptz not null
);

create index payout_batches_by_age on booking.payout_batches (created_at desc, id desc);

-- What one owner gets in one currency: the sum of the earnings that name it. One that was cancelled is named by none, and says what it was.
create table booking.payouts (
    id         uuid primary key,
    -- What people call it by, in the bank's statement.
    code       text collate "C" not null unique check (code ~ '^[0-9A-HJKMNP-TV-Z]{10}$'),
    batch_id   uuid not null references booking.payout_batches,
    owner_id   uuid not null,
    amount     booking.amount not null check (amount > 0),
    currency   booking.currency not null,
    status     booking.payout_status not null,
    -- What the bank calls the transfer.
    reference  text check (length(reference) between 1 and 100),
    paid_at    timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    unique (batch_id, owner_id, currency),
    check ((status = 'paid') = (paid_at is not null)),
    check (reference is null or status = 'paid')
);

create index payouts_of_owner on booking.payouts (owner_id, created_at desc, id desc);

alter table booking.earnings add foreign key (payout_id) references booking.payouts;
