create schema baskets;

create domain baskets.basket_status as text check (value in ('open', 'held', 'lapsed', 'paid'));
create domain baskets.payment_status as text check (value in ('pending', 'paid', 'failed', 'partially_refunded', 'refunded'));
create domain baskets.amount as bigint check (value >= 0);

-- What somebody takes together. What is wanted is one document; what was made of it is rows.
create table baskets.baskets (
    id             uuid primary key,
    owner_id       uuid not null,
    status         baskets.basket_status not null,
    payment_status baskets.payment_status not null,
    wanted         jsonb not null check (jsonb_typeof(wanted) = 'object'),
    currency       text check (currency ~ '^[A-Z]{3}$'),
    total          baskets.amount not null,
    payment_id     uuid,
    refunded       baskets.amount not null,
    -- Names the next move of its money in the books.
    moves          integer not null check (moves >= 0),
    expires_at     timestamptz,
    paid_at        timestamptz,
    created_at     timestamptz not null,
    updated_at     timestamptz not null,
    check ((status = 'paid') = (payment_id is not null or paid_at is not null))
);

create index baskets_of_owner on baskets.baskets (owner_id, created_at desc, id desc);
create index baskets_that_wait on baskets.baskets (expires_at) where status = 'held';

-- What is held and paid together, in the order in which it is locked.
create table baskets.parts (
    basket_id uuid not null references baskets.baskets on delete cascade,
    position  integer not null check (position >= 1),
    kind      text not null check (length(kind) between 1 and 50),
    -- Of the module of that kind: no foreign key leaves a module.
    part_id   uuid not null unique,
    -- Where it stands in what is wanted: goods, rentals[0].
    field     text not null check (length(field) between 1 and 50),
    amount    baskets.amount not null,
    refunded  baskets.amount not null default 0,
    primary key (basket_id, position),
    check (refunded <= amount)
);

-- What was asked to go back, and for which part: once for each asking.
create table baskets.refunds (
    id         uuid primary key,
    basket_id  uuid not null references baskets.baskets,
    position   integer not null,
    amount     baskets.amount not null,
    gone       baskets.amount not null,
    created_at timestamptz not null,
    foreign key (basket_id, position) references baskets.parts (basket_id, position),
    check (gone <= amount)
);

create index refunds_of_basket on baskets.refunds (basket_id, created_at, id);
