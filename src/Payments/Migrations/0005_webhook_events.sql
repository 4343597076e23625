-- What providers told us, as they sent it: proved, kept before it is answered, handled by a job.
create table payments.webhook_events (
    id          uuid primary key,
    provider    text not null check (length(provider) between 1 and 50),
    event_id    text not null check (length(event_id) between 1 and 255),
    type        text not null check (length(type) between 1 and 100),
    subject     text check (length(subject) between 1 and 255), -- The charge, by the provider's name.
    payment_id  uuid references payments.payments, -- Ours, once it was found.
    claimed_id  uuid, -- Ours, as the event says it.
    body        bytea, -- Null once nobody needs it any more.
    state       text not null check (state in ('received', 'handled', 'ignored', 'parked')),
    tries       integer not null default 0 check (tries >= 0),
    received_at timestamptz not null,
    handled_at  timestamptz,
    -- The same event again is the same row.
    unique (provider, event_id)
);

create index webhook_events_by_age on payments.webhook_events (received_at, id);
create index webhook_events_by_payment on payments.webhook_events (payment_id) where payment_id is not null;
-- Few at any time, and what somebody has to look at.
create index webhook_events_waiting on payments.webhook_events (received_at) where state = 'received';
create index webhook_events_parked on payments.webhook_events (received_at, id) where state = 'parked';
create index webhook_events_with_body on payments.webhook_events (received_at) where body is not null;
