-- When an order was brought in from another system, where it had been placed and was over: its money is in no books of ours, and no report counts it.
alter table ordering.orders add column imported_at timestamptz;

-- The numbers of such orders are counted from here on, far above those that are drawn.
create index orders_by_imported_number on ordering.orders (number) where imported_at is not null;
