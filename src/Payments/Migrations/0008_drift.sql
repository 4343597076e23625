-- What providers, payments, payables and the ledger say of the same days, put side by side.
create table payments.drift_runs (
    id               uuid primary key,
    day              date not null, -- On which it was begun, in UTC.
    window_from      timestamptz not null,
    window_until     timestamptz not null,
    started_at       timestamptz not null,
    finished_at      timestamptz,
    payments         bigint not null default 0 check (payments >= 0),
    payables         bigint not null default 0 check (payables >= 0),
    is_payments_done boolean not null default false,
    check (window_from < window_until)
);

-- One at a time, whoever asks.
create unique index drift_runs_one_open on payments.drift_runs ((finished_at is null)) where finished_at is null;
create index drift_runs_by_day on payments.drift_runs (day, started_at, id);

create table payments.drift_providers (
    run_id      uuid not null references payments.drift_runs on delete cascade,
    provider    text not null check (length(provider) between 1 and 50),
    charges     bigint not null default 0 check (charges >= 0),
    is_complete boolean not null default false,
    ended_at    timestamptz,
    primary key (run_id, provider)
);

-- What a provider has named so far: only while its run goes on.
create table payments.drift_charges (
    run_id     uuid not null references payments.drift_runs on delete cascade,
    provider   text not null check (length(provider) between 1 and 50),
    reference  text not null check (length(reference) between 1 and 255),
    payment_id uuid references payments.payments,
    is_paid    boolean not null,
    primary key (run_id, provider, reference)
);

create index drift_charges_by_payment on payments.drift_charges (payment_id, run_id) where payment_id is not null;

create table payments.drift_differences (
    id                 uuid primary key,
    run_id             uuid not null references payments.drift_runs on delete cascade,
    kind               text not null check (kind in (
        'charge_unknown', 'amount_differs', 'status_differs', 'refunded_differs', 'fee_differs', 'missing_at_provider', 'payment_without_payable', 'payable_not_paid',
        'payable_without_payment', 'cancelled_not_refunded', 'refund_failed', 'refund_stuck', 'ledger_differs', 'ledger_unbalanced', 'event_parked')),
    subject            text not null check (length(subject) between 1 and 300), -- What differs: named once, however often it is found.
    provider           text check (length(provider) between 1 and 50),
    payment_id         uuid references payments.payments,
    payable_kind       text check (length(payable_kind) between 1 and 50),
    payable_id         uuid,
    provider_reference text check (length(provider_reference) between 1 and 255),
    expected           text not null check (length(expected) between 1 and 300),
    found              text not null check (length(found) between 1 and 300),
    proposed_fix       text not null check (length(proposed_fix) between 1 and 500),
    unique (run_id, kind, subject)
);

create index drift_differences_by_payment on payments.drift_differences (payment_id) where payment_id is not null;

-- What has changed in some days.
create index payments_by_change on payments.payments (updated_at, id);
