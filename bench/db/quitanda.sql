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

-- What the harness reads when this file has run; targets/quitanda.mjs knows these names and no table of the product:
--   bench.target_users       a view (id, version): the 1,000 users, with the version that their tokens must carry
--   bench.target_products    a view (id): the 10,000 products, all on sale, with stock for any load
--   bench.target_categories  a view (slug): category-1 to category-20, 500 products each
--   bench.reset()            deletes every order that is not in bench.orders, with all that hangs on it (lines, timeline, jobs,
--                            stored answers), restores the stock, and returns how many orders it deleted
