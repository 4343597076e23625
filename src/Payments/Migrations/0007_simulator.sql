-- The memory of the simulated providers. It stands for other companies' databases: nothing here refers to ours, and nothing of ours reads it.
create table payments.simulated_things (
    provider   text not null check (length(provider) between 1 and 50),
    kind       text not null check (length(kind) between 1 and 50),
    id         text not null check (length(id) between 1 and 255),
    parent     text check (length(parent) between 1 and 255), -- What it belongs to, such as a refund's payment, or what it is looked up by.
    body       jsonb not null check (jsonb_typeof(body) = 'object'),
    created_at timestamptz not null,
    primary key (provider, kind, id)
);

create index simulated_things_by_parent on payments.simulated_things (provider, kind, parent);
create index simulated_things_by_age on payments.simulated_things (provider, kind, created_at, id);

-- A question that was asked with a key is answered again with what it was answered first.
create table payments.simulated_answers (
    provider   text not null check (length(provider) between 1 and 50),
    key        text not null check (length(key) between 1 and 255),
    question   bytea not null,
    status     integer not null check (status between 100 and 599),
    body       jsonb not null,
    created_at timestamptz not null,
    primary key (provider, key)
);

-- What a simulated provider has to tell us, as it will be sent.
create table payments.simulated_events (
    id         uuid primary key,
    provider   text not null check (length(provider) between 1 and 50),
    type       text not null check (length(type) between 1 and 100),
    thing      text not null check (length(thing) between 1 and 255),
    body       bytea not null,
    query      jsonb not null check (jsonb_typeof(query) = 'object'),
    sends      integer not null default 0 check (sends >= 0),
    created_at timestamptz not null,
    sent_at    timestamptz,
    status     integer check (status between 100 and 599)
);

create index simulated_events_by_age on payments.simulated_events (created_at, id);

-- How a simulated provider misbehaves. No row: it does not.
create table payments.simulated_faults (
    provider       text primary key check (length(provider) between 1 and 50),
    lost_answers   integer not null default 0 check (lost_answers between 0 and 1000),
    failed_calls   integer not null default 0 check (failed_calls between 0 and 1000),
    delay_ms       integer not null default 0 check (delay_ms between 0 and 30000),
    failed_refunds integer not null default 0 check (failed_refunds between 0 and 1000),
    delivery       text not null default 'once' check (delivery in ('once', 'twice', 'out_of_order', 'late', 'never')),
    updated_at     timestamptz not null
);
