-- The tables of the agency's standard backend: bigint ids, times without a zone, in the store's own.
create schema app;
create table app.users (id bigint primary key, email text not null unique, full_name text not null, password_digest text, is_admin boolean not null default false, status text not null, created_at timestamp not null, updated_at timestamp not null, deleted_at timestamp);
create table app.posts (id bigint primary key, user_id bigint not null, title text not null, body text not null, status text not null, created_at timestamp not null, updated_at timestamp not null);
create table app.comments (id bigint primary key, post_id bigint not null, user_id bigint not null, body text not null, created_at timestamp not null);
create table app.workspaces (id bigint primary key, name text not null, owner_id bigint not null);
create table app.invoices (id bigint primary key, workspace_id bigint not null, total_cents bigint not null);

insert into app.users
select n, 'colega' || n || '@agencia.test', 'Colega ' || n, case when n % 4 > 0 then '$2b$04$abcdefghijklmnopqrstuuPdwvXmbPLyQupR7iLcXQIhO8ORzjUky' end, n = 1, case when n % 9 = 0 then 'suspended' else 'active' end,
       timestamp '2025-01-01 12:00' + n * interval '1 minute', timestamp '2025-01-01 12:00' + n * interval '1 minute', case when n % 11 = 0 then timestamp '2025-05-05' end
from generate_series(1, :rows / 3) n;
insert into app.posts select n, n, 'Nota ' || n, 'Um texto.', case when n % 2 = 0 then 'published' else 'draft' end, timestamp '2025-02-01' + n * interval '1 minute', timestamp '2025-02-01' + n * interval '1 minute' from generate_series(1, :rows / 3) n;
insert into app.comments select n, n, 1, 'Boa.', timestamp '2025-03-01' + n * interval '1 minute' from generate_series(1, :rows / 3) n;
insert into app.workspaces select n, 'Espaço ' || n, n from generate_series(1, 3) n;
insert into app.invoices select n, 1, 9900 from generate_series(1, 3) n;
