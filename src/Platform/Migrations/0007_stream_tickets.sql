-- Unlogged: a ticket lives for a minute, and after a crash of the database its holder asks for another.
create unlogged table platform.stream_tickets (
    hash       bytea primary key check (length(hash) = 32),
    user_id    uuid not null,
    session_id uuid not null,
    version    bigint,
    good_until timestamptz,
    expires_at timestamptz not null
);

create index stream_tickets_by_end on platform.stream_tickets (expires_at);
