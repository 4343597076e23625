-- What a letter lets its reader do, once. Known by its hash alone, and a newer one of the same purpose takes the place of the older.
create table accounts.mail_tokens (
    user_id    uuid not null references accounts.users on delete cascade,
    purpose    text not null check (purpose in ('verify_email', 'reset_password', 'change_email')),
    hash       bytea not null unique check (length(hash) = 32),
    email      text not null check (length(email) between 6 and 254), -- The address that the letter went to, and that coming back with the token proves.
    created_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > created_at),
    primary key (user_id, purpose)
);

create index mail_tokens_by_end on accounts.mail_tokens (expires_at);

-- Until when whoever signed up is to prove their address. Null for those who have, and for those who were never asked to.
alter table accounts.users add column verify_by timestamptz check (verify_by is null or not email_verified);

create index users_unverified on accounts.users (verify_by, id) where verify_by is not null;
