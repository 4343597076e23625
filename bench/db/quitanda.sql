-- The data of seed.sql in the product's own tables, so that every target answers the same questions about the same shop.
-- It runs with psql after `quitanda migrate`, in a database that holds nothing else. Prices become minor units; ids become UUIDs of
-- version 7 whose time is the row's own, so that they lie in the index as the ids of a shop that grew over the same months.
create schema bench;
set search_path = bench;

-- Nobody signs in here with a password, and no password has this hash.
\set hash '-'
\ir schema.sql
\ir seed.sql

create function bench.id_of(kind text, number integer, at timestamptz) returns uuid language sql immutable as $$
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(hash, 1, 3) || '8' || substr(hash, 4, 15))::uuid
  from (select md5(kind || number) as hash) h
$$;

create function bench.minor(price numeric) returns bigint language sql immutable as $$ select (price * 100)::bigint $$;

alter table categories add column uid uuid;
alter table products add column uid uuid;
alter table users add column uid uuid;
alter table orders add column uid uuid;
update categories set uid = bench.id_of('category', id, timestamptz '2026-01-01 00:00:00+00');
update products set uid = bench.id_of('product', id, created_at);
update users set uid = bench.id_of('user', id, timestamptz '2026-01-01 00:00:00+00' + make_interval(mins => id)), created_at = timestamptz '2026-01-01 00:00:00+00' + make_interval(mins => id);
update orders set uid = bench.id_of('order', id, created_at);

reset search_path;

insert into accounts.users (id, email, name, locale, roles, is_active, email_verified, version, created_at, updated_at)
select uid, email, name, 'pt-BR', 1, true, false, 1, created_at, created_at from bench.users order by id;

insert into catalog.categories (id, name, slug, position, created_at, updated_at)
select uid, name, slug, id, timestamptz '2026-01-01 00:00:00+00', timestamptz '2026-01-01 00:00:00+00' from bench.categories order by id;

insert into catalog.products (
    id, category_id, slug, name, name_folded, description, search_text, price_amount, currency, stock, is_available, is_featured, tags, metadata, ordered, created_at, updated_at)
select p.uid, c.uid, p.slug, p.name, lower(p.name), p.description, lower(p.name || ' ' || p.description), bench.minor(p.price), 'BRL', p.stock, true, p.featured, '{}', '{}', true, p.created_at, p.created_at
from bench.products p
join bench.categories c on c.id = p.category_id
order by p.id;

insert into ordering.orders (
    id, number, customer_id, status, payment_status, payment_method, fulfillment, currency, subtotal, discount, delivery_fee, tip, total, metadata, created_at, updated_at)
select o.uid, nextval('ordering.order_numbers'), u.uid, s.status, s.payment_status, 'online', 'pickup', 'BRL', bench.minor(o.total), 0, 0, 0, bench.minor(o.total), '{}', o.created_at, o.created_at
from bench.orders o
join bench.users u on u.id = o.user_id
join (values ('pending', 'pending', 'pending'), ('paid', 'confirmed', 'paid'), ('shipped', 'ready', 'paid'), ('delivered', 'delivered', 'paid')) s (was, status, payment_status) on s.was = o.status
order by o.id;

insert into ordering.order_items (order_id, position, product_id, name, quantity, unit_price, total)
select o.uid, row_number() over (partition by i.order_id order by i.id), p.uid, p.name, i.quantity, bench.minor(i.unit_price), bench.minor(i.unit_price) * i.quantity
from bench.order_items i
join bench.orders o on o.id = i.order_id
join bench.products p on p.id = i.product_id
order by i.id;

insert into ordering.order_events (order_id, position, status, at, made_by)
select uid, 1, 'pending', created_at, 'customer' from bench.orders order by id;

-- What the harness reads when this file has run; targets/quitanda.mjs knows these names and no table of the product:
--   bench.target_users       a view (id, version): the 1,000 users, with the version that their tokens must carry
--   bench.target_products    a view (id): the 10,000 products, all on sale, with stock for any load
--   bench.target_categories  a view (slug): category-1 to category-20, 500 products each
--   bench.reset()            deletes every order that is not in bench.orders, with all that hangs on it (lines, timeline, jobs,
--                            stored answers), restores the stock, and returns how many orders it deleted

create view bench.target_users as select id, version from accounts.users;
create view bench.target_products as select id from catalog.products;
create view bench.target_categories as select slug from catalog.categories;

create function bench.reset() returns bigint language plpgsql as $$
declare
  deleted bigint;
begin
  delete from ordering.order_events e where not exists (select from bench.orders o where o.uid = e.order_id);
  delete from ordering.order_items i where not exists (select from bench.orders o where o.uid = i.order_id);
  delete from ordering.orders d where not exists (select from bench.orders o where o.uid = d.id);
  get diagnostics deleted = row_count;
  delete from platform.jobs where unique_key is null;
  delete from platform.idempotency_keys;
  update catalog.products set stock = 100000000 where stock <> 100000000;
  return deleted;
end
$$;
