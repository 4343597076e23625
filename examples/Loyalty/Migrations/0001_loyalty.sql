create schema loyalty;

-- What somebody has, and the row that all who change it wait for.
create table loyalty.accounts (
    person_id  uuid primary key,
    points     bigint not null,
    updated_at timestamptz not null
);

-- Why they have it. Rows are only added; the sum of somebody's is what they have.
create table loyalty.entries (
    id         uuid primary key,
    person_id  uuid not null references loyalty.accounts on delete cascade,
    kind       text not null check (kind in ('earned', 'taken_back', 'adjusted', 'expired')),
    order_id   uuid,
    points     bigint not null check (points <> 0),
    reason     text check (length(reason) between 1 and 200),
    created_at timestamptz not null,
    check ((kind in ('earned', 'taken_back')) = (order_id is not null)),
    check ((kind = 'adjusted') = (reason is not null)),
    -- However often it is told that an order was delivered, its points are given once.
    unique (order_id, kind)
);

create index entries_of_person on loyalty.entries (person_id, created_at desc, id desc);
