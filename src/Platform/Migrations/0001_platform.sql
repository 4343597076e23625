create table platform.jobs (
    id           bigint generated always as identity primary key,
    kind         text not null check (length(kind) between 1 and 100),
    payload      jsonb not null,
    state        text not null default 'ready' check (state in ('ready', 'dead')),
    run_at       timestamptz not null,
    attempts     integer not null default 0 check (attempts >= 0),
    token        uuid,
    leased_until timestamptz,
    unique_key   text unique,
    trace_parent text,
    last_error   text,
    created_at   timestamptz not null default now(),
    check ((token is null) = (leased_until is null))
);

create index jobs_due on platform.jobs (run_at, id) where state = 'ready';

create table platform.idempotency_keys (
    id           bytea primary key check (length(id) = 32),
    request_hash bytea not null check (length(request_hash) = 32),
    status       integer not null check (status between 100 and 499),
    content_type text,
    location     text,
    body         bytea,
    created_at   timestamptz not null,
    busy_until   timestamptz not null
);

create index idempotency_keys_by_age on platform.idempotency_keys (created_at);

create table platform.data_protection_keys (
    name text primary key,
    xml  text not null
);
