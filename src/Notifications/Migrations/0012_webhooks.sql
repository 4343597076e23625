create domain notifications.disabled_reason as text check (value in ('by_hand', 'gone', 'failing'));
create domain notifications.webhook_delivery_status as text check (value in ('waiting', 'delivered', 'failed'));
create domain notifications.delivery_error as text check (value in ('status', 'redirect', 'gone', 'timeout', 'unreachable', 'tls', 'bad_answer', 'not_allowed', 'disabled'));
create domain notifications.tally as integer check (value >= 0);

-- Who is told of events.
create table notifications.webhook_endpoints (
    id                 uuid primary key,
    url                text not null check (length(url) between 1 and 2000),
    description        text check (length(description) between 1 and 200),
    events             text[] not null check (cardinality(events) between 1 and 50),
    disabled_reason    notifications.disabled_reason,
    disabled_at        timestamptz,
    -- What deliveries are signed with, sealed with a key that ends with the endpoint. The one before it signs as well, until it ends.
    secret             bytea not null,
    old_secret         bytea,
    old_secret_ends_at timestamptz,
    -- Since when nothing has got through; and when admins were told of that.
    failing_since      timestamptz,
    told_at            timestamptz,
    created_at         timestamptz not null,
    updated_at         timestamptz not null,
    -- It is deleted at once for whoever asks; what was delivered to it goes little by little.
    deleted_at         timestamptz,
    check ((disabled_reason is null) = (disabled_at is null)),
    check ((old_secret is null) = (old_secret_ends_at is null))
);

-- That an endpoint is told of an event: once for each, however often it is tried.
create table notifications.webhook_deliveries (
    id           uuid primary key,
    event_id     uuid not null references notifications.events on delete cascade,
    endpoint_id  uuid not null references notifications.webhook_endpoints on delete cascade,
    type         notifications.event_name not null,
    status       notifications.webhook_delivery_status not null,
    -- Of the last attempt, or why there is none.
    error        notifications.delivery_error,
    attempts     notifications.tally not null default 0,
    -- Attempts since it was last put into the queue: these count towards giving up.
    tries        notifications.tally not null default 0,
    -- Which job may work at it: one with another turn comes too late.
    turn         notifications.tally not null default 1,
    next_at      timestamptz,
    delivered_at timestamptz,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    unique (event_id, endpoint_id),
    check (tries <= attempts),
    check ((status = 'waiting') = (next_at is not null)),
    check ((status = 'delivered') = (delivered_at is not null))
);

create index deliveries_of_endpoint on notifications.webhook_deliveries (endpoint_id, created_at, id);
create index deliveries_that_wait on notifications.webhook_deliveries (endpoint_id) where status = 'waiting';
create index deliveries_that_failed on notifications.webhook_deliveries (endpoint_id, created_at, id) where status = 'failed';

create table notifications.webhook_attempts (
    delivery_id uuid not null references notifications.webhook_deliveries on delete cascade,
    number      integer not null check (number > 0),
    at          timestamptz not null,
    duration_ms integer not null check (duration_ms >= 0),
    status_code integer check (status_code between 100 and 999),
    error       notifications.delivery_error,
    -- How the answer begins.
    answer      text check (length(answer) <= 500),
    primary key (delivery_id, number)
);
