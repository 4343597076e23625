-- The tables of the Fastify starter as Drizzle makes them: snake_case, serial ids.
create table users (
    id serial primary key, email varchar(255) not null unique, username varchar(50) unique, password varchar(255) not null, first_name varchar(100), last_name varchar(100),
    is_active boolean not null default true, email_verified boolean not null default false, created_at timestamp not null, updated_at timestamp not null);
create table posts (
    id serial primary key, title varchar(255) not null, slug varchar(255) not null unique, content text, author_id integer not null references users, view_count integer not null default 0,
    is_published boolean not null default false, published_at timestamp, created_at timestamp not null, updated_at timestamp not null);

insert into users (email, username, password, first_name, last_name, is_active, email_verified, created_at, updated_at)
select 'pessoa' || n || '@fastify.test', case when n % 3 > 0 then 'Pessoa_' || n end, '$2b$04$abcdefghijklmnopqrstuuPdwvXmbPLyQupR7iLcXQIhO8ORzjUky', 'Pessoa', 'Número ' || n, n % 50 > 0, n % 2 = 0,
       timestamp '2025-01-01' + n * interval '1 minute', timestamp '2025-01-01' + n * interval '1 minute'
from generate_series(1, :rows / 2) n;
insert into posts (title, slug, content, author_id, view_count, is_published, published_at, created_at, updated_at)
select 'Receita ' || n, 'receita-' || n, '# Receita ' || n || E'\n\nFrite e **sirva**.', n, n * 3, n % 4 > 0, case when n % 4 > 0 then timestamp '2025-02-02' + n * interval '1 minute' end,
       timestamp '2025-02-01' + n * interval '1 minute', timestamp '2025-02-03' + n * interval '1 minute'
from generate_series(1, :rows / 2) n;
