-- The data of seed.sql in the product's own tables, so that every target answers the same questions about the same shop.
-- It runs with psql after `quitanda migrate` and fast.sql, in a database that holds nothing else. Prices become minor units; ids become UUIDs of
-- version 7 whose time is the row's own, so that they lie in the index as the ids of a shop that grew over the same months.
create schema bench;
set search_path = bench;

-- These tables are read once, from end to end, and need no index.
\ir schema.sql
select pg_temp.put_indexes_off(array['bench']);
drop table indexes_put_off;
\ir seed.sql
select pg_temp.put_indexes_off(array['accounts', 'catalog', 'ordering']);

create function bench.id_of(kind text, number integer, at timestamptz) returns uuid language sql immutable as $$
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(hash, 1, 3) || '8' || substr(hash, 4, 15))::uuid
  from (select md5(kind || number) as hash) h
$$;

create function bench.minor(price numeric) returns bigint language sql immutable as $$ select (price * 100)::bigint $$;

-- Ids are looked up where a row is small, and not worked out once for every row that names it.
create temporary table user_ids as
select id, created_at, bench.id_of('user', id, created_at) as uid from (select id, timestamptz '2026-01-01 00:00:00+00' + make_interval(mins => id) as created_at from bench.users) u;
create temporary table category_ids as select id, bench.id_of('category', id, timestamptz '2026-01-01 00:00:00+00') as uid from bench.categories;
create temporary table product_ids as select id, name, bench.id_of('product', id, created_at) as uid from bench.products;
create temporary table order_ids as select id, bench.id_of('order', id, created_at) as uid from bench.orders;

reset search_path;

insert into accounts.users (id, email, name, locale, roles, is_active, email_verified, password_hash, version, created_at, updated_at)
select i.uid, u.email, u.name, 'pt-BR', 1, true, false, u.password_hash, 1, i.created_at, i.created_at from bench.users u join user_ids i using (id) order by u.id;

insert into catalog.categories (id, name, slug, position, created_at, updated_at)
select i.uid, c.name, c.slug, c.id, timestamptz '2026-01-01 00:00:00+00', timestamptz '2026-01-01 00:00:00+00' from bench.categories c join category_ids i using (id) order by c.id;

insert into catalog.products (
    id, category_id, slug, name, name_folded, description, price_amount, currency, stock, is_available, is_featured, tags, metadata, ordered, created_at, updated_at)
select i.uid, c.uid, p.slug, p.name, lower(p.name), p.description, bench.minor(p.price), 'BRL', p.stock, true, p.featured, '{}', '{}', true, p.created_at, p.created_at
from bench.products p
join product_ids i on i.id = p.id
join category_ids c on c.id = p.category_id
order by p.id;

insert into catalog.product_search (product_id, category_id, name, labels, category, description)
select i.uid, c.uid, lower(p.name), '', lower(k.name), lower(p.description)
from bench.products p
join product_ids i on i.id = p.id
join category_ids c on c.id = p.category_id
join bench.categories k on k.id = p.category_id
order by p.id;
insert into catalog.search_words (word) select distinct word from catalog.product_search, unnest(string_to_array(name || ' ' || category, ' ')) as word where length(word) between 3 and 40;

-- Far from lapsing: a sweep that cancels orders in the background has no place in these figures.
insert into ordering.orders (
    id, number, customer_id, status, payment_status, payment_method, fulfillment, currency, subtotal, discount, delivery_fee, tip, total, metadata, created_at, updated_at, expires_at)
select i.uid, o.id, u.uid, s.status, s.payment_status, 'online', 'pickup', 'BRL', bench.minor(o.total), 0, 0, 0, bench.minor(o.total), '{}', o.created_at, o.created_at, timestamptz '2999-01-01 00:00:00+00'
from bench.orders o
join order_ids i on i.id = o.id
join user_ids u on u.id = o.user_id
join (values ('pending', 'pending', 'pending'), ('paid', 'confirmed', 'paid'), ('shipped', 'ready', 'paid'), ('delivered', 'delivered', 'paid')) s (was, status, payment_status) on s.was = o.status
order by o.id;
select setval('ordering.order_numbers', 20000 * :scale);

-- Three lines an order, and their ids follow those of the orders.
insert into ordering.order_items (order_id, position, product_id, name, quantity, unit_price, total)
select o.uid, 1 + (i.id - 1) % 3, p.uid, p.name, i.quantity, bench.minor(i.unit_price), bench.minor(i.unit_price) * i.quantity
from bench.order_items i
join order_ids o on o.id = i.order_id
join product_ids p on p.id = i.product_id
order by i.id;

insert into ordering.order_events (order_id, position, status, at, made_by)
select i.uid, 1, 'pending', o.created_at, 'customer' from bench.orders o join order_ids i using (id) order by o.id;

-- What the harness reads when this file has run; targets/quitanda.mjs knows these names and no table of the product:
--   bench.target_users       a view (id, version): the 1,000 users, with the version that their tokens must carry
--   bench.target_products    a view (id): all products (10,000 at scale 1), all on sale, with stock for any load
--   bench.target_categories  a view (slug): category-1 to category-20, each with its twentieth of the products
--   bench.reset()            deletes every order that was not loaded here, with all that hangs on it (lines, timeline, jobs, stored
--                            answers), and every session, restores the stock, and returns how many orders it deleted

create view bench.target_users as select id, version from accounts.users;
create view bench.target_products as select id from catalog.products;
create view bench.target_categories as select slug from catalog.categories;

create table bench.loaded as select max(number) as last_order from ordering.orders;

create function bench.reset() returns bigint language plpgsql as $$
declare
  added uuid[] := array(select id from ordering.orders where number > (select last_order from bench.loaded));
begin
  delete from ordering.order_events where order_id = any (added);
  delete from ordering.order_items where order_id = any (added);
  delete from ordering.orders where id = any (added);
  delete from platform.jobs where unique_key is null;
  delete from platform.idempotency_keys;
  delete from accounts.sessions;
  update catalog.products set stock = 100000000 where stock <> 100000000;
  return cardinality(added);
end
$$;

drop table bench.order_items, bench.orders, bench.products, bench.users, bench.categories;
select pg_temp.make_indexes();
