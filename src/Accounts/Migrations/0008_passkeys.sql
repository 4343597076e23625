-- Public keys that sign their owner in. What would sign for them never leaves the owner's device.
create table accounts.passkeys (
    id                 uuid primary key,
    user_id            uuid not null references accounts.users on delete cascade,
    credential_id      bytea not null unique check (length(credential_id) between 1 and 1023),
    -- As the authenticator gave it, in COSE.
    public_key         bytea not null check (length(public_key) between 1 and 2048),
    -- How often it signed; an authenticator that does not count always says 0.
    sign_count         bigint not null check (sign_count between 0 and 4294967295),
    transports         text[] not null check (cardinality(transports) <= 10),
    is_backup_eligible boolean not null,
    is_backed_up       boolean not null check (is_backup_eligible or not is_backed_up),
    name               text not null check (length(name) between 1 and 100),
    created_at         timestamptz not null,
    last_used_at       timestamptz check (last_used_at >= created_at)
);

create index passkeys_of_user on accounts.passkeys (user_id, created_at, id);

-- What was asked of an authenticator and not answered yet. Of the challenge there is the hash alone, and what goes with it is sealed by the challenge itself.
create table accounts.passkey_challenges (
    hash       bytea primary key check (length(hash) = 32),
    -- Whose passkey is being added; null for a sign-in. A session has one at the most, the newest.
    session_id uuid unique references accounts.sessions on delete cascade,
    state      bytea not null check (length(state) between 16 and 4096),
    created_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > created_at)
);

create index passkey_challenges_by_end on accounts.passkey_challenges (expires_at);
