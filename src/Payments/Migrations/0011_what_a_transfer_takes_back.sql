-- A payment for a basket pays for things of several kinds: a transfer that takes back the sale of one of them says of which kind it was.
alter table payments.ledger_transactions
    add column payable_kind text check (length(payable_kind) between 1 and 50),
    add constraint only_a_transfer_has_a_payable_kind check (payable_kind is null or kind = 'transfer');
