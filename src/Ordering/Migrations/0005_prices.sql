create domain ordering.short_number as text check (value ~ '^[A-Z][0-9]{1,9}$');
create domain ordering.coupon_code as text collate "C" check (value ~ '^[A-Z0-9][A-Z0-9_-]{1,39}$');
create domain ordering.line_note as text check (length(value) <= 200);
create domain ordering.json_array as jsonb check (jsonb_typeof(value) = 'array');

-- All of it may be missing: orders of before, and those of a version that does not know of it and runs beside this one.
alter table ordering.orders
    add column short_number ordering.short_number,
    add column coupon_id    uuid,
    add column coupon_code  ordering.coupon_code,
    add column quote_id     uuid,
    -- The cash that the customer will hand over.
    add column change_for   ordering.amount,
    -- When it is promised, and when the kitchen must see it.
    add column ready_at     timestamptz,
    add column queue_at     timestamptz,
    -- The slot that it takes a place of.
    add column slot_at      timestamptz,
    add column paid_at      timestamptz,
    add constraint coupon_has_a_code check ((coupon_id is null) = (coupon_code is null));

alter table ordering.order_items
    add column options     ordering.json_array,
    add column notes       ordering.line_note,
    -- The line's share of the order's discount: the shares sum to it exactly.
    add column discount    ordering.amount not null default 0,
    add column category_id uuid,
    add constraint discount_is_of_the_line check (discount <= total);

-- Who moved the order on, where it was a person.
alter table ordering.order_events add column made_by_id uuid;

-- The number that the orders of a day are counted from. One row a day, made by its first order.
create table ordering.days (
    day  date primary key,
    base bigint not null
);

create table ordering.coupons (
    id                    uuid primary key,
    code                  ordering.coupon_code not null unique,
    description           text check (length(description) between 1 and 200),
    percent               integer check (percent between 1 and 100),
    amount                bigint check (amount between 1 and 1000000000000),
    currency              ordering.currency not null,
    minimum_order         ordering.amount,
    first_order_only      boolean not null,
    starts_at             timestamptz,
    ends_at               timestamptz check (ends_at > starts_at),
    max_uses              integer check (max_uses >= 1),
    max_uses_per_customer integer check (max_uses_per_customer >= 1),
    is_active             boolean not null,
    uses                  integer not null check (uses >= 0),
    created_at            timestamptz not null,
    updated_at            timestamptz not null,
    check ((percent is null) <> (amount is null)),
    check (uses <= max_uses)
);

-- Only for coupons with a limit for each customer.
create table ordering.coupon_uses (
    coupon_id   uuid not null references ordering.coupons on delete cascade,
    customer_id uuid not null,
    uses        integer not null check (uses >= 0),
    primary key (coupon_id, customer_id)
);

create index coupon_uses_of_customer on ordering.coupon_uses (customer_id);

-- A customer has one first order: the primary key is the rule.
create table ordering.first_orders (
    customer_id uuid primary key,
    order_id    uuid not null unique
);

-- What was quoted, without who asked and where to: enough to tell whether an order still comes to the same.
create table ordering.quotes (
    id         uuid primary key,
    bill       jsonb not null check (jsonb_typeof(bill) = 'object'),
    expires_at timestamptz not null
);

create index quotes_by_expiry on ordering.quotes (expires_at);

create index orders_by_short_number on ordering.orders (short_number, created_at desc);
