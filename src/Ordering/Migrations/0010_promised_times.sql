-- What staff promised anew: the step says what was promised from then on, and leaves the status as it was.
alter table ordering.order_events add column ready_at timestamptz;

-- What is handed over when: for the orders of a time to come, and for counting their places when the plan of slots changes.
create index orders_by_ready_at on ordering.orders (ready_at);
