-- The tables of EVENTOS: owners rent out, consumers book by the day; prices are whole units.
create table users (id serial primary key, name text not null, email text not null unique, password text not null, role text not null, phone text, created_at timestamptz not null);
create table categories (id serial primary key, name text not null unique);
create table listings (
    id serial primary key, owner_id integer not null, category_id integer, title text not null, description text, price_per_day integer not null, location text not null, is_active boolean not null, created_at timestamptz not null);
create table listing_images (id serial primary key, listing_id integer not null, url text not null);
create table bookings (
    id serial primary key, listing_id integer not null, user_id integer not null, start_date date not null, end_date date not null, total_price integer not null, status text not null, created_at timestamptz not null);
create table payments (id serial primary key, booking_id integer not null, provider text not null, payment_intent_id text, amount integer not null, status text not null, created_at timestamptz not null);
create table reviews (id serial primary key, listing_id integer not null, user_id integer not null, rating integer not null, comment text, created_at timestamptz not null);

insert into users (name, email, password, role, created_at)
select 'Pessoa ' || n, 'pessoa' || n || '@eventos.test', '$2b$04$abcdefghijklmnopqrstuuPdwvXmbPLyQupR7iLcXQIhO8ORzjUky', case when n % 10 = 1 then 'owner' else 'consumer' end, timestamptz '2025-01-01 00:00+00' + n * interval '1 minute'
from generate_series(1, :rows / 5) n;
insert into categories (name) values ('Salões'), ('Mesas e cadeiras');
insert into listings (owner_id, category_id, title, description, price_per_day, location, is_active, created_at)
select 10 * (n % (:rows / 50)) + 1, n % 2 + 1, 'Salão ' || n, 'Para festas.', 100 + n, 'Olinda', true, timestamptz '2025-01-02 00:00+00' + n * interval '1 minute' from generate_series(1, :rows / 10) n;
insert into listing_images (listing_id, url) select n, 'https://imagens.eventos.test/' || n || '.jpg' from generate_series(1, :rows / 20) n;
-- Of each listing one that is over and one to come, a year on.
insert into bookings (listing_id, user_id, start_date, end_date, total_price, status, created_at)
select n, 2, date '2025-06-01', date '2025-06-03', 3 * (100 + n), 'completed', timestamptz '2025-05-01 00:00+00' + n * interval '1 minute' from generate_series(1, :rows / 10) n;
insert into bookings (listing_id, user_id, start_date, end_date, total_price, status, created_at)
select n, 3, (timestamptz :now)::date + 20, (timestamptz :now)::date + 21, 2 * (100 + n), 'confirmed', timestamptz '2026-01-01 00:00+00' + n * interval '1 minute' from generate_series(1, :rows / 10) n;
insert into payments (booking_id, provider, payment_intent_id, amount, status, created_at)
select n, 'stripe', 'intent-' || n, 100, 'succeeded', timestamptz '2025-05-02 00:00+00' from generate_series(1, :rows / 5) n;
insert into reviews (listing_id, user_id, rating, comment, created_at) select n, 2, n % 5 + 1, 'Bonito.', timestamptz '2025-06-10 00:00+00' + n * interval '1 minute' from generate_series(1, :rows / 10) n;
