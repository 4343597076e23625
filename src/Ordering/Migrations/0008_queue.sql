-- What the counter's screen has been told, in the order in which it was: a stream of all orders, numbered under the lock of its head.
create table ordering.queue_head (
    id       integer primary key check (id = 1),
    position bigint not null check (position >= 0)
);

insert into ordering.queue_head (id, position) values (1, 0);

create table ordering.queue_events (
    position       bigint primary key check (position >= 1),
    order_id       uuid not null references ordering.orders,
    event_position ordering.event_position not null,
    -- Whether the order comes into the queue with it.
    entered        boolean not null,
    put_at         timestamptz not null,
    unique (order_id, event_position)
);

create index queue_events_by_age on ordering.queue_events (put_at);

-- For reports: what was paid in a time, and what was called off in it.
create index orders_by_payment on ordering.orders (paid_at) where paid_at is not null;
create index order_events_cancelled on ordering.order_events (at) where status = 'cancelled';
