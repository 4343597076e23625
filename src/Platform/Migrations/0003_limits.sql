-- Unlogged: a count costs no flush, and a crash of PostgreSQL only begins the counting again.
create unlogged table platform.limits (
    key        uuid primary key,
    count      integer not null check (count > 0),
    expires_at timestamptz not null
);

create index limits_by_expiry on platform.limits (expires_at);
