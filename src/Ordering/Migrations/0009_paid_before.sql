-- When orders of before were paid, as far as it is known: when the payment confirmed them, or else when they were handed over, or else when they last changed.
update ordering.orders o
set paid_at = coalesce(
    (select min(e.at) from ordering.order_events e where e.order_id = o.id and e.status = 'confirmed' and e.made_by = 'system'),
    (select min(e.at) from ordering.order_events e where e.order_id = o.id and e.status = 'delivered'),
    o.updated_at)
where o.paid_at is null and o.payment_status in ('paid', 'partially_refunded', 'refunded');
