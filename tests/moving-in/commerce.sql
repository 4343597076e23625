-- The tables of the e-commerce and content API: snake_case, uuid ids, times with a zone, categories by their names.
create table users (
    id uuid primary key, email text not null, username text, password_hash text not null, role text not null, is_active boolean not null, created_at timestamptz not null, updated_at timestamptz not null);
create table profiles (id uuid primary key, user_id uuid not null, first_name text, last_name text, bio text, website text, location text, birth_date date);
create table products (
    id uuid primary key, name text not null, description text, price double precision not null, stock integer not null, category text, tags text[], created_at timestamptz not null, updated_at timestamptz not null);
create table orders (id uuid primary key, customer_id uuid not null, status text not null, total_cents bigint not null, shipping_address jsonb, created_at timestamptz not null, updated_at timestamptz not null);
create table order_items (id uuid primary key, order_id uuid not null, product_id uuid not null, quantity integer not null, price double precision not null);
create table reviews (id uuid primary key, product_id uuid not null, user_id uuid not null, rating integer not null, comment text, created_at timestamptz not null);
create table posts (id uuid primary key, title text not null, slug text not null, body text not null, author_id uuid not null, published_at timestamptz, created_at timestamptz not null, updated_at timestamptz not null);
create table comments (id uuid primary key, post_id uuid not null, user_id uuid not null, body text not null, created_at timestamptz not null);
create table tags (id uuid primary key, name text not null unique);
create table post_tags (post_id uuid not null, tag_id uuid not null, primary key (post_id, tag_id));
create table api_keys (id uuid primary key, user_id uuid not null, key_hash text not null);
create function pg_temp.id(kind text, n bigint) returns uuid language sql immutable as 'select md5(kind || n)::uuid';

insert into users
select pg_temp.id('u', n), 'comprador' || n || '@loja.test', null, '$2a$10$abcdefghijklmnopqrstuulJ0FP9ya1PwqB3SQCwtwALrHVNkBINu', case n when 1 then 'moderator' when 2 then 'wizard' else 'user' end, true,
       timestamptz '2025-01-01 00:00+00' + n * interval '1 minute', timestamptz '2025-01-02 00:00+00' + n * interval '1 minute'
from generate_series(1, :rows / 10) n;
insert into profiles
select pg_temp.id('f', n), pg_temp.id('u', n), 'Comprador', 'Número ' || n, 'Gosto de livros.', case when n % 5 > 0 then 'https://loja.test/' || n else 'loja' end, 'Olinda', date '1990-01-01' + n::integer from generate_series(1, :rows / 10) n;
insert into products
select pg_temp.id('p', n), 'Livro ' || n, 'Um livro.', 19.9 + n % 5, n, case when n % 4 > 0 then 'Livros ' || n % 4 end, array['livro', 'papel'], timestamptz '2025-01-03 00:00+00' + n * interval '1 minute', timestamptz '2025-01-04 00:00+00' + n * interval '1 minute'
from generate_series(1, :rows / 10) n;
insert into orders
select pg_temp.id('o', n), pg_temp.id('u', n), case when n % 8 = 0 then 'shipped' else 'completed' end, 1990 + 100 * (n % 5), '{"street": "Rua do Sol", "number": "7", "city": "Olinda", "state": "PE", "zipCode": "53020-080"}',
       timestamptz '2025-02-01 00:00+00' + n * interval '1 minute', timestamptz '2025-02-03 00:00+00' + n * interval '1 minute'
from generate_series(1, :rows / 10) n;
insert into order_items select pg_temp.id('i', n), pg_temp.id('o', n), pg_temp.id('p', n), 1, 19.9 + n % 5 from generate_series(1, :rows / 10) n;
insert into reviews select pg_temp.id('r', n), pg_temp.id('p', n), pg_temp.id('u', n), n % 5 + 1, 'Bom.', timestamptz '2025-03-01 00:00+00' + n * interval '1 minute' from generate_series(1, :rows / 10) n;
insert into posts
select pg_temp.id('b', n), 'Leitura ' || n, 'leitura-' || n, 'Leia **mais**.', pg_temp.id('u', n), case when n % 3 > 0 then timestamptz '2025-03-02 00:00+00' + n * interval '1 minute' end,
       timestamptz '2025-03-01 00:00+00' + n * interval '1 minute', timestamptz '2025-03-03 00:00+00' + n * interval '1 minute'
from generate_series(1, :rows / 10) n;
insert into comments select pg_temp.id('k', n), pg_temp.id('b', n), pg_temp.id('u', n), 'Gostei!', timestamptz '2025-03-05 00:00+00' + n * interval '1 minute' from generate_series(1, :rows / 5) n where n % (:rows / 10) = n;
insert into tags values (pg_temp.id('t', 1), 'leitura'), (pg_temp.id('t', 2), 'livros');
insert into post_tags select pg_temp.id('b', n), pg_temp.id('t', n % 2 + 1) from generate_series(1, :rows / 10) n;
insert into api_keys select pg_temp.id('x', n), pg_temp.id('u', n), md5(n::text) from generate_series(1, 3) n;
