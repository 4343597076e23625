-- Which round of its dispute a payment is in: one that was decided may be opened again or decided otherwise, and each round is written into the books once. What was written before is
-- of the first round, and a version that knows of no rounds leaves the number alone.
alter table payments.payments add column dispute_round integer not null default 1 check (dispute_round >= 1);

-- Money that came in for a payment beside the one that paid it, such as when two tabs of one page pay. It is no payment: the provider is to give it back whole.
create table payments.second_charges (
    provider           text not null check (length(provider) between 1 and 50),
    reference          text not null check (length(reference) between 1 and 255), -- The money's own name there.
    payment_id         uuid not null references payments.payments,
    status             text not null check (status in ('pending', 'returned', 'refused')),
    amount             bigint not null check (amount > 0),
    currency           text not null check (currency ~ '^[A-Z]{3}$'),
    refund_reference   text check (length(refund_reference) between 1 and 255),
    failure_code       text check (length(failure_code) between 1 and 50),
    tries              integer not null default 1 check (tries >= 1), -- Each try has a key of its own at the provider, and follows a refusal.
    created_at         timestamptz not null,
    updated_at         timestamptz not null,
    primary key (provider, reference)
);

create index second_charges_by_payment on payments.second_charges (payment_id);
-- Few at any time.
create index second_charges_unsettled on payments.second_charges (updated_at) where status <> 'returned';
