-- Until when an online order waits for its payment. The default is for a version that does not know of it and runs beside this one: it places orders that lapse, too.
alter table ordering.orders add column expires_at timestamptz default now() + interval '30 minutes';

-- Only what may lapse is in it, so the sweep reads what is due and nothing else.
create index orders_to_lapse on ordering.orders (expires_at)
    where status = 'pending' and payment_method = 'online' and payment_status in ('pending', 'failed');
