-- What providers beyond the sandbox need to be told and to tell.
alter table payments.payments
    drop constraint payments_method_check,
    add constraint payments_method_check check (method in ('card', 'pix', 'upi', 'cash')),
    -- The money's own name at the provider, where it is another than the name of what the payer was asked with.
    add column charge_reference text check (length(charge_reference) between 1 and 255),
    -- What the payer's page needs to go on: the provider's secret for this one payment, or the code to pay by Pix.
    add column client_secret text check (length(client_secret) between 1 and 500),
    add column pix_code text check (length(pix_code) between 1 and 2000),
    add column expires_at timestamptz,
    -- What the provider is asked with besides, kept only until it knows the charge: the same key must come with the same words.
    add column input jsonb check (jsonb_typeof(input) = 'object'),
    add column paid_at timestamptz,
    add column fee_amount bigint,
    add column fee_currency text check (fee_currency ~ '^[A-Z]{3}$'),
    add column dispute text check (dispute in ('open', 'won', 'lost')),
    add column disputed_amount bigint check (disputed_amount > 0),
    add column tendered_amount bigint check (tendered_amount >= amount),
    -- When the provider was last asked how the charge stands.
    add column asked_at timestamptz,
    add check ((fee_amount is null) = (fee_currency is null)),
    add check ((dispute is null) = (disputed_amount is null)),
    add check ((dispute = 'open') = (status = 'disputed'));

-- What an event's own name for a charge leads to.
create unique index payments_by_reference on payments.payments (provider, provider_reference) where provider_reference is not null;
create unique index payments_by_charge on payments.payments (provider, charge_reference) where charge_reference is not null;
-- Few at any time: what a provider has still to say something about.
create index payments_unsettled on payments.payments (asked_at nulls first, id) where status in ('processing', 'pending');
-- And what it may yet say something else about.
create index payments_closed on payments.payments (created_at) where status in ('failed', 'cancelled');
create index payments_kept on payments.payments (asked_at) where status in ('succeeded', 'disputed', 'partially_refunded');

alter table payments.refunds
    drop constraint refunds_status_check,
    add constraint refunds_status_check check (status in ('pending', 'succeeded', 'failed')),
    add column provider_reference text check (length(provider_reference) between 1 and 255),
    add column failure_code text check (length(failure_code) between 1 and 50),
    -- Made by us, by somebody at the provider, or by a bank that decided a dispute.
    add column origin text not null default 'ours' check (origin in ('ours', 'provider', 'dispute'));

create index refunds_unsettled on payments.refunds (created_at, id) where status in ('pending', 'failed');

alter table payments.ignored_news drop constraint ignored_news_news_check,
    add constraint ignored_news_news_check check (news in ('open', 'authorized', 'succeeded', 'failed', 'cancelled'));

alter table payments.sandbox_charges drop constraint sandbox_charges_state_check,
    add constraint sandbox_charges_state_check check (state in ('open', 'authorized', 'succeeded', 'failed', 'cancelled'));

-- A refund that went, and that the payer's bank sent back.
alter table payments.sandbox_refunds add column bounced boolean not null default false;

-- The accounts of the ledger have these names.
update payments.payments set split = (split - 'tip' - 'discount') || jsonb_strip_nulls(jsonb_build_object('tips', split -> 'tip', 'discounts', split -> 'discount'))
where split ?| array['tip', 'discount'];
