-- Browsers that asked to be told.
create table notifications.push_subscriptions (
    id         uuid primary key,
    person_id  uuid not null,
    endpoint   text collate "C" not null unique check (length(endpoint) between 1 and 2000),
    public_key bytea not null check (length(public_key) = 65),
    auth       bytea not null check (length(auth) = 16),
    expires_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create index push_subscriptions_of_person on notifications.push_subscriptions (person_id, created_at desc, id desc);

-- The pair of keys by which push services know this installation: one, for ever. The private half is sealed.
create table notifications.vapid_keys (
    id          integer primary key check (id = 1),
    public_key  bytea not null check (length(public_key) = 65),
    private_key bytea not null,
    created_at  timestamptz not null
);
