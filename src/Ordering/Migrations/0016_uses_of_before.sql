-- Uses were counted by customer only while a coupon had a limit for each, and given back always. From here on each use is counted: so those of before are as well. What a version that does not know
-- of it takes meanwhile, of a coupon without such a limit, is not: cancelled later, it gives back a use that was never counted, and a limit that is set after that lets its customer use it once more.
-- Whoever takes or gives back a use writes its coupon first: so none is between the two.
lock table ordering.coupons in exclusive mode;

insert into ordering.coupon_uses (coupon_id, customer_id, uses)
select o.coupon_id, o.customer_id, count(*) from ordering.orders o join ordering.coupons c on c.id = o.coupon_id
where o.status <> 'cancelled' group by o.coupon_id, o.customer_id
on conflict (coupon_id, customer_id) do update set uses = excluded.uses;
