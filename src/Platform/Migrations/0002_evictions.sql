-- What a commit made stale, for every process to read. xid is the sequence: with a snapshot it says exactly what the last look could not see.
create table platform.evictions (
    id         uuid primary key,
    xid        xid8 not null default pg_current_xact_id(),
    tags       text[] not null check (cardinality(tags) > 0),
    created_at timestamptz not null
);

create index evictions_by_xid on platform.evictions (xid);
create index evictions_by_age on platform.evictions (created_at);
