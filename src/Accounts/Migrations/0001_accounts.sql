create schema accounts;

create table accounts.users (
    id             uuid primary key,
    email          text not null check (length(email) between 6 and 254 and email ~ '^[!-~]+@[!-~]+$'),
    name           text not null check (length(name) between 1 and 200),
    username       text unique check (username ~ '^[a-z0-9_.-]{3,30}$'),
    phone          text check (phone ~ '^\+[1-9][0-9]{6,14}$'),
    first_name     text check (length(first_name) between 1 and 100),
    last_name      text check (length(last_name) between 1 and 100),
    locale         text not null check (length(locale) between 2 and 35),
    roles          integer not null check (roles between 1 and 31),
    is_active      boolean not null,
    email_verified boolean not null,
    password_hash  text check (length(password_hash) between 50 and 500),
    version        bigint not null check (version >= 1),
    created_at     timestamptz not null,
    updated_at     timestamptz not null check (updated_at >= created_at)
);

-- Addresses are ASCII; the C collation folds them alike wherever the database was made.
create unique index users_email on accounts.users (lower(email collate "C"));
create index users_by_age on accounts.users (created_at, id);
create index users_admins on accounts.users (id) where roles & 16 <> 0 and is_active;

-- A sign-in, and the family of all refresh tokens that descend from it.
create table accounts.sessions (
    id           uuid primary key,
    user_id      uuid not null references accounts.users on delete cascade,
    device       text not null check (length(device) <= 200),
    ip           text check (length(ip) <= 45),
    created_at   timestamptz not null,
    last_seen_at timestamptz not null check (last_seen_at >= created_at),
    expires_at   timestamptz not null,
    revoked_at   timestamptz
);

create index sessions_of_user on accounts.sessions (user_id, last_seen_at);
create index sessions_by_end on accounts.sessions (expires_at);

create table accounts.refresh_tokens (
    hash       bytea primary key check (length(hash) = 32),
    session_id uuid not null references accounts.sessions on delete cascade,
    created_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > created_at),
    spent_at   timestamptz
);

create index refresh_tokens_of_session on accounts.refresh_tokens (session_id);
create index refresh_tokens_by_end on accounts.refresh_tokens (expires_at);

-- Failed sign-ins of the last minutes by address, whether it has an account or not. No address is readable here.
create table accounts.sign_in_failures (
    address_hash bytea primary key check (length(address_hash) = 32),
    failed_at    timestamptz[] not null check (cardinality(failed_at) between 1 and 5),
    last_at      timestamptz not null
);

create index sign_in_failures_by_age on accounts.sign_in_failures (last_at);

create table accounts.addresses (
    id           uuid primary key,
    user_id      uuid not null references accounts.users on delete cascade,
    label        text not null check (length(label) between 1 and 50),
    street       text not null check (length(street) between 1 and 200),
    number       text not null check (length(number) between 1 and 20),
    complement   text check (length(complement) <= 200),
    neighborhood text not null check (length(neighborhood) between 1 and 100),
    city         text not null check (length(city) between 1 and 100),
    state        text not null check (length(state) between 1 and 100),
    postal_code  text not null check (length(postal_code) between 1 and 20),
    country      text not null check (country ~ '^[A-Z]{2}$'),
    is_default   boolean not null,
    created_at   timestamptz not null,
    updated_at   timestamptz not null check (updated_at >= created_at)
);

create index addresses_of_user on accounts.addresses (user_id, created_at, id);
create unique index addresses_one_default on accounts.addresses (user_id) where is_default;
