-- Double entry. A debit is a positive amount and a credit a negative one: what belongs together sums to nothing.
create table payments.ledger_accounts (
    code     text primary key check (code ~ '^[a-z_]{1,50}$'),
    kind     text not null check (kind in ('asset', 'liability', 'income', 'expense', 'contra_income')),
    position integer not null unique check (position > 0)
);

insert into payments.ledger_accounts (position, code, kind) values
    (1, 'receivable', 'asset'),                -- What payers owe for what they took.
    (2, 'provider_clearing', 'asset'),         -- What providers hold for us, and the till for payments by hand.
    (3, 'disputes', 'asset'),                  -- What providers hold back until a bank has decided.
    (4, 'sales', 'income'),
    (5, 'delivery', 'income'),
    (6, 'tips', 'income'),
    (7, 'platform_commission', 'income'),
    (8, 'discounts', 'contra_income'),
    (9, 'refunds', 'contra_income'),           -- What of the shop's own income went back.
    (10, 'fees', 'expense'),
    (11, 'tax', 'liability'),
    (12, 'owner_payable', 'liability'),        -- What is owed to those whose things were sold.
    (13, 'surplus', 'liability');              -- Money that nothing took, and that its payers get back.

-- What happened, once: the key is made of what happened and of our own ids.
create table payments.ledger_transactions (
    id         uuid primary key,
    key        text not null unique check (length(key) between 1 and 200),
    kind       text not null check (kind in ('sale', 'received', 'surplus', 'fee', 'refund', 'refund_returned', 'dispute_opened', 'dispute_won', 'dispute_lost')),
    payment_id uuid references payments.payments,
    refund_id  uuid references payments.refunds,
    provider   text check (length(provider) between 1 and 50),
    at         timestamptz not null,
    -- For the entries, which repeat the time.
    unique (id, at)
);

create index ledger_transactions_by_payment on payments.ledger_transactions (payment_id);
create index ledger_transactions_by_refund on payments.ledger_transactions (refund_id) where refund_id is not null;

create table payments.ledger_entries (
    id             uuid primary key,
    transaction_id uuid not null,
    position       integer not null check (position between 1 and 255),
    account        text not null references payments.ledger_accounts,
    party_id       uuid check (party_id is null or account = 'owner_payable'), -- To whom it is owed; of another module, so no foreign key.
    amount         bigint not null check (amount <> 0),
    currency       text not null check (currency ~ '^[A-Z]{3}$'),
    at             timestamptz not null,
    unique (transaction_id, position),
    foreign key (transaction_id, at) references payments.ledger_transactions (id, at)
);

create index ledger_entries_by_age on payments.ledger_entries (at, id);
create index ledger_entries_by_account on payments.ledger_entries (account, at, id);

-- Nothing in the books changes. What was wrong is put right by another transaction.
create function payments.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% on %.% is refused: the books only ever grow', tg_op, tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
end
$$;

create trigger ledger_accounts_only_grow before update or delete or truncate on payments.ledger_accounts
    for each statement execute function payments.refuse_change();
create trigger ledger_transactions_only_grow before update or delete or truncate on payments.ledger_transactions
    for each statement execute function payments.refuse_change();
create trigger ledger_entries_only_grow before update or delete or truncate on payments.ledger_entries
    for each statement execute function payments.refuse_change();

-- Asked at the commit, when all of it is there.
create function payments.require_balance(which uuid) returns void language plpgsql as $$
declare
    unbalanced text;
begin
    if not exists (select from payments.ledger_entries e where e.transaction_id = which) then
        raise exception 'ledger transaction % has no entries', which using errcode = 'check_violation', constraint = 'ledger_transaction_is_not_empty';
    end if;
    select e.currency into unbalanced from payments.ledger_entries e where e.transaction_id = which group by e.currency having sum(e.amount) <> 0 limit 1;
    if unbalanced is not null then
        raise exception 'ledger transaction % does not balance in %', which, unbalanced using errcode = 'check_violation', constraint = 'ledger_transaction_balances';
    end if;
end
$$;

create function payments.check_ledger_transaction() returns trigger language plpgsql as $$
begin
    perform payments.require_balance(new.id);
    return null;
end
$$;

create function payments.check_ledger_entry() returns trigger language plpgsql as $$
begin
    perform payments.require_balance(new.transaction_id);
    return null;
end
$$;

-- What had happened before there were books. Everything that was sold until then was the shop's own, so what of it went back is debited to refunds alone.
insert into payments.ledger_transactions (id, key, kind, payment_id, refund_id, provider, at)
select gen_random_uuid(), 'payment:' || p.id || ':' || k.kind, k.kind, p.id, null, p.provider, coalesce(p.paid_at, p.created_at)
from payments.payments p cross join (values ('sale'), ('received'), ('surplus')) k (kind)
where p.status in ('succeeded', 'disputed', 'partially_refunded', 'refunded') and p.is_surplus = (k.kind = 'surplus');

insert into payments.ledger_transactions (id, key, kind, payment_id, refund_id, provider, at)
select gen_random_uuid(), 'refund:' || r.id || ':refund', 'refund', p.id, r.id, p.provider, r.updated_at
from payments.refunds r join payments.payments p on p.id = r.payment_id where r.status = 'succeeded';

with parts as (
    select p.id, s.key as account, s.value::bigint as amount from payments.payments p, jsonb_each_text(p.split) s
    where s.key in ('delivery', 'tips', 'discounts', 'tax', 'platform_commission', 'owner_payable') and s.value ~ '^-?[0-9]{1,18}$'
), lines (transaction_id, at, position, account, amount, currency) as (
    select t.id, t.at, l.position, l.account, l.amount, p.currency
    from payments.ledger_transactions t
    join payments.payments p on p.id = t.payment_id
    left join payments.refunds r on r.id = t.refund_id
    cross join lateral (
        select 1, 'receivable', p.amount where t.kind = 'sale'
        union all select 2, 'sales', coalesce((select sum(amount) from parts where parts.id = p.id), 0)::bigint - p.amount where t.kind = 'sale'
        union all select 2 + row_number() over (order by parts.account)::integer, parts.account, -parts.amount from parts where t.kind = 'sale' and parts.id = p.id
        union all select 1, 'provider_clearing', p.amount where t.kind in ('received', 'surplus')
        union all select 2, case t.kind when 'received' then 'receivable' else 'surplus' end, -p.amount where t.kind in ('received', 'surplus')
        union all select 1, case when p.is_surplus then 'surplus' else 'refunds' end, r.amount where t.kind = 'refund'
        union all select 2, 'provider_clearing', -r.amount where t.kind = 'refund'
    ) l (position, account, amount)
    where l.amount <> 0
)
insert into payments.ledger_entries (id, transaction_id, position, account, amount, currency, at)
select gen_random_uuid(), transaction_id, position, account, amount, currency, at from lines;

-- Only now, so that what was just written is looked at once and not line by line.
do $$
declare
    wrong text;
begin
    select t.key into wrong from payments.ledger_transactions t left join payments.ledger_entries e on e.transaction_id = t.id group by t.id having coalesce(sum(e.amount), 1) <> 0 limit 1;
    if wrong is not null then
        raise exception 'ledger transaction % does not balance', wrong;
    end if;
end
$$;

create constraint trigger ledger_transaction_balances after insert on payments.ledger_transactions
    deferrable initially deferred for each row execute function payments.check_ledger_transaction();
create constraint trigger ledger_entry_balances after insert on payments.ledger_entries
    deferrable initially deferred for each row execute function payments.check_ledger_entry();
