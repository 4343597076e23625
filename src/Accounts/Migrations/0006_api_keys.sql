-- Keys that call for their owner. Revoked ones are deleted; the audit log knows of them.
create table accounts.api_keys (
    id           uuid primary key,
    user_id      uuid not null references accounts.users on delete cascade,
    name         text not null check (length(name) between 1 and 100),
    prefix       text not null check (length(prefix) = 11),
    hash         bytea not null unique check (length(hash) = 32),
    scopes       text[] not null check (cardinality(scopes) between 1 and 100),
    created_at   timestamptz not null,
    expires_at   timestamptz check (expires_at > created_at),
    last_used_at timestamptz check (last_used_at >= created_at)
);

create index api_keys_of_user on accounts.api_keys (user_id, created_at, id);
