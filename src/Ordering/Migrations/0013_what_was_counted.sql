-- Whether the product was counted when its pieces were taken: what was taken from no count goes back to none. Of lines of before, and of those that a version writes which does not know of it
-- and runs beside this one, it is not known: they return to whatever is counted then, as they always did. Options say it of themselves, in the same way.
alter table ordering.order_items add column is_counted boolean not null default true;

-- Uses were counted by customer only while a coupon had a limit for each, and given back always. From here on each use is counted: so those of before are as well.
insert into ordering.coupon_uses (coupon_id, customer_id, uses)
select o.coupon_id, o.customer_id, count(*) from ordering.orders o join ordering.coupons c on c.id = o.coupon_id
where o.status <> 'cancelled' group by o.coupon_id, o.customer_id
on conflict (coupon_id, customer_id) do update set uses = excluded.uses;
