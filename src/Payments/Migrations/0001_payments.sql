create schema payments;

create table payments.payments (
    id                  uuid primary key,
    kind                text not null check (length(kind) between 1 and 50),
    payable_id          uuid not null, -- belongs to the module of that kind: no foreign key leaves a module
    payer_id            uuid not null,
    provider            text not null check (length(provider) between 1 and 50),
    provider_reference  text check (length(provider_reference) between 1 and 255),
    status              text not null check (status in ('processing', 'pending', 'failed', 'cancelled', 'succeeded', 'disputed', 'partially_refunded', 'refunded')),
    method              text check (method in ('card', 'pix')),
    installments        integer check (installments between 1 and 24),
    return_url          text check (length(return_url) <= 2000),
    amount              bigint not null check (amount > 0),
    currency            text not null check (currency ~ '^[A-Z]{3}$'),
    split               jsonb not null,
    metadata            jsonb not null,
    refund_asked_amount bigint not null default 0,
    refunded_amount     bigint not null default 0,
    is_surplus          boolean not null default false,
    checkout_url        text check (length(checkout_url) <= 2200),
    failure_code        text check (length(failure_code) between 1 and 50),
    created_at          timestamptz not null,
    updated_at          timestamptz not null,
    -- What was asked back is counted before it goes, so that refunds on their way can never exceed what came in.
    check (0 <= refunded_amount and refunded_amount <= refund_asked_amount and refund_asked_amount <= amount),
    check (refund_asked_amount = 0 or status in ('succeeded', 'partially_refunded', 'refunded', 'disputed')),
    check ((status = 'refunded') <= (refunded_amount = amount)),
    check ((status = 'partially_refunded') <= (refunded_amount > 0 and refunded_amount < amount))
);

-- One open attempt, and money taken once. Money that its payable did not take is on its way back and stands in nobody's way.
create unique index payments_one_open on payments.payments (kind, payable_id)
    where status in ('pending', 'processing', 'succeeded', 'disputed') and not is_surplus;

create index payments_by_payable on payments.payments (kind, payable_id);
create index payments_by_age on payments.payments (created_at, id);
create index payments_by_status on payments.payments (status, created_at, id);

create table payments.refunds (
    id         uuid primary key,
    payment_id uuid not null references payments.payments,
    amount     bigint not null check (amount > 0),
    reason     text check (length(reason) <= 500),
    status     text not null check (status in ('pending', 'succeeded')),
    key        text not null unique check (length(key) between 1 and 255),
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create index refunds_by_payment on payments.refunds (payment_id, created_at);

-- What a provider said too late to change anything. Kept, because somebody will ask.
create table payments.ignored_news (
    id           uuid primary key,
    payment_id   uuid not null references payments.payments,
    news         text not null check (news in ('open', 'succeeded', 'failed', 'cancelled')),
    failure_code text check (length(failure_code) between 1 and 50),
    status       text not null check (status in ('processing', 'pending', 'failed', 'cancelled', 'succeeded', 'disputed', 'partially_refunded', 'refunded')),
    created_at   timestamptz not null
);

create index ignored_news_by_payment on payments.ignored_news (payment_id, created_at);

-- The sandbox's own memory. It stands for another company's database: nothing here refers to ours, and nothing of ours reads it.
create table payments.sandbox_charges (
    reference       text primary key check (length(reference) between 1 and 255),
    key             text not null unique check (length(key) between 1 and 255),
    amount          bigint not null check (amount > 0),
    currency        text not null check (currency ~ '^[A-Z]{3}$'),
    state           text not null check (state in ('open', 'succeeded', 'failed', 'cancelled')),
    failure_code    text check (length(failure_code) between 1 and 50),
    refunded_amount bigint not null default 0 check (refunded_amount between 0 and amount),
    created_at      timestamptz not null
);

create table payments.sandbox_refunds (
    key        text primary key check (length(key) between 1 and 255),
    reference  text not null references payments.sandbox_charges,
    amount     bigint not null check (amount > 0),
    created_at timestamptz not null
);

create index sandbox_refunds_by_charge on payments.sandbox_refunds (reference);
