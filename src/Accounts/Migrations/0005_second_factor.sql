-- Where a user's one-time codes come from. Not confirmed, it is asked for nowhere.
create table accounts.authenticators (
    user_id      uuid primary key references accounts.users on delete cascade,
    -- Sealed with the person's key.
    secret       bytea not null check (length(secret) between 44 and 200),
    -- The last time step whose code was taken: no code is good twice, nor one of before.
    last_step    bigint not null check (last_step >= 0),
    created_at   timestamptz not null,
    confirmed_at timestamptz check (confirmed_at >= created_at)
);

-- Codes for whoever has lost their authenticator; a row goes when its code is used.
create table accounts.recovery_codes (
    user_id uuid not null references accounts.authenticators on delete cascade,
    hash    bytea not null check (length(hash) = 32),
    primary key (user_id, hash)
);
