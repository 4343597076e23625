-- Wallets that somebody signs in with, by their Ethereum address.
create table accounts.wallets (
    address      bytea primary key check (length(address) = 20),
    user_id      uuid not null references accounts.users on delete cascade,
    created_at   timestamptz not null,
    last_used_at timestamptz check (last_used_at >= created_at)
);

create index wallets_of_user on accounts.wallets (user_id, created_at, address);

-- Nonces that were given out and not used. They take turns in a fixed number of slots, so there are never more, however many are asked for.
create sequence accounts.wallet_nonce_slots as integer minvalue 0 maxvalue 99999 cycle;

create table accounts.wallet_nonces (
    slot       integer primary key check (slot between 0 and 99999),
    -- Of the nonce with the address, chain and domain that it is for. None of them is readable here.
    hash       bytea not null unique check (length(hash) = 32),
    expires_at timestamptz not null
);

create index wallet_nonces_by_end on accounts.wallet_nonces (expires_at);
