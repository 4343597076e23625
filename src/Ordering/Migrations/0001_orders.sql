create schema ordering;

create table ordering.stores (
    id               integer primary key check (id = 1), -- One shop a house.
    name             text not null check (length(name) between 1 and 100),
    currency         text not null check (currency ~ '^[A-Z]{3}$'),
    time_zone        text not null check (length(time_zone) between 1 and 64),
    opening_hours    jsonb not null check (jsonb_typeof(opening_hours) = 'array'),
    delivery_zones   jsonb not null check (jsonb_typeof(delivery_zones) = 'array'),
    accepting_orders boolean not null,
    created_at       timestamptz not null,
    updated_at       timestamptz not null
);

insert into ordering.stores (id, name, currency, time_zone, opening_hours, delivery_zones, accepting_orders, created_at, updated_at)
select 1, 'Quitanda', 'BRL', 'America/Sao_Paulo',
       (select jsonb_agg(jsonb_build_object('day', day, 'opens', '00:00', 'closes', '24:00') order by place)
        from unnest(array['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']) with ordinality as week (day, place)),
       '[{"fee": {"amount": 0, "currency": "BRL"}}]', true, now(), now();

create sequence ordering.order_numbers;

create table ordering.orders (
    id             uuid primary key,
    number         bigint not null unique,
    customer_id    uuid not null,
    status         text not null check (status in ('pending', 'confirmed', 'preparing', 'ready', 'out_for_delivery', 'delivered', 'cancelled')),
    payment_status text not null check (payment_status in ('pending', 'paid', 'failed', 'partially_refunded', 'refunded')),
    payment_method text not null check (payment_method in ('online', 'manual')),
    fulfillment    text not null check (fulfillment in ('delivery', 'pickup')),
    currency       text not null check (length(currency) = 3),
    subtotal       bigint not null check (subtotal >= 0),
    discount       bigint not null check (discount >= 0),
    delivery_fee   bigint not null check (delivery_fee >= 0),
    tip            bigint not null check (tip >= 0),
    total          bigint not null check (total between 0 and 1000000000000),
    address        jsonb,
    scheduled_for  timestamptz,
    notes          text check (length(notes) <= 500),
    metadata       jsonb not null,
    payment_id     uuid, -- The payment that paid it: refunds of any other are none of its business.
    carrier        text check (length(carrier) between 1 and 100),
    tracking_code  text check (length(tracking_code) between 1 and 100),
    cancel_reason  text check (length(cancel_reason) <= 500),
    created_at     timestamptz not null,
    updated_at     timestamptz not null,
    check (total = subtotal - discount + delivery_fee + tip),
    check ((fulfillment = 'delivery') = (address is not null)),
    check (fulfillment = 'delivery' or (delivery_fee = 0 and carrier is null and tracking_code is null)),
    check (cancel_reason is null or status = 'cancelled')
);

create index orders_by_customer on ordering.orders (customer_id, created_at desc, id desc);
create index orders_by_age on ordering.orders (created_at desc, id desc);
-- What staff look at all day stays small however many orders there have been.
create index orders_in_work on ordering.orders (created_at desc, id desc) where status not in ('delivered', 'cancelled');

create table ordering.order_items (
    order_id   uuid not null references ordering.orders,
    position   integer not null check (position between 1 and 100),
    product_id uuid not null,
    name       text not null check (length(name) between 1 and 300),
    quantity   integer not null check (quantity between 1 and 999),
    unit_price bigint not null check (unit_price >= 0),
    total      bigint not null,
    primary key (order_id, position),
    check (total = unit_price * quantity)
);

create table ordering.order_events (
    order_id uuid not null references ordering.orders,
    position integer not null check (position >= 1),
    status   text not null check (status in ('pending', 'confirmed', 'preparing', 'ready', 'out_for_delivery', 'delivered', 'cancelled')),
    at       timestamptz not null,
    made_by  text not null check (made_by in ('customer', 'staff', 'system')),
    reason   text check (length(reason) <= 500),
    primary key (order_id, position)
);
