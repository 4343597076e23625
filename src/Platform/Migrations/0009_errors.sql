create table platform.errors (
    id            uuid primary key,
    fingerprint   text not null unique check (length(fingerprint) = 32),
    type          text not null,
    source        text not null,
    use_case      text not null,
    frame         text,
    message       text not null check (length(message) <= 1000),
    stack         text not null check (length(stack) <= 8000),
    last_trace_id text,
    count         bigint not null check (count > 0),
    reopened      integer not null default 0,
    first_seen_at timestamptz not null,
    last_seen_at  timestamptz not null,
    resolved_at   timestamptz,
    check (first_seen_at <= last_seen_at)
);

create index errors_by_last_seen on platform.errors (last_seen_at, id);
create index errors_open on platform.errors (last_seen_at, id) where resolved_at is null;
