-- What was paid for what is not done yet, and what left the house's own bank account for owners.
insert into payments.ledger_accounts (position, code, kind) values
    (14, 'held', 'liability'),
    (15, 'bank', 'asset');

alter table payments.ledger_transactions
    drop constraint ledger_transactions_kind_check,
    add constraint ledger_transactions_kind_check check (kind in (
        'sale', 'received', 'surplus', 'fee', 'refund', 'refund_returned', 'dispute_opened', 'dispute_won', 'dispute_lost', 'transfer', 'payout'));

-- What one owner is owed, line by line.
create index ledger_entries_by_party on payments.ledger_entries (party_id, at, id) where party_id is not null;

alter table payments.drift_differences
    drop constraint drift_differences_kind_check,
    add constraint drift_differences_kind_check check (kind in (
        'charge_unknown', 'amount_differs', 'status_differs', 'refunded_differs', 'fee_differs', 'missing_at_provider', 'payment_without_payable', 'payable_not_paid',
        'payable_without_payment', 'cancelled_not_refunded', 'refund_failed', 'refund_stuck', 'ledger_differs', 'ledger_unbalanced', 'event_parked', 'subledger_differs')),
    -- Whose account differs; of another module, so no foreign key.
    add column party_id uuid;
