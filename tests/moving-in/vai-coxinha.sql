-- The tables of Vai Coxinha as Prisma makes them: quoted names, text ids, times without a zone that are UTC.
-- psql -v rows=600 -v now="'2026-03-04T15:00:00Z'" -f vai-coxinha.sql
create type "Role" as enum ('CUSTOMER', 'STAFF', 'ADMIN');
create table "_prisma_migrations" (id text primary key, migration_name text not null);
create table "User" (
    "id" text primary key, "email" text not null unique, "name" text not null, "passwordHash" text not null, "phone" text, "role" "Role" not null default 'CUSTOMER',
    "createdAt" timestamp(3) not null, "updatedAt" timestamp(3) not null);
create table "RefreshToken" ("id" text primary key, "token" text not null, "userId" text not null, "expiresAt" timestamp(3) not null);
create table "Address" (
    "id" text primary key, "userId" text not null, "label" text not null, "street" text not null, "number" text not null, "complement" text, "neighborhood" text not null,
    "city" text not null, "state" text not null, "zipCode" text not null, "isDefault" boolean not null, "createdAt" timestamp(3) not null);
create table "Category" ("id" text primary key, "name" text not null, "slug" text not null unique, "description" text, "createdAt" timestamp(3) not null);
create table "Product" (
    "id" text primary key, "name" text not null, "slug" text not null unique, "description" text not null, "price" numeric(10, 2) not null, "imageUrl" text, "available" boolean not null,
    "featured" boolean not null, "stock" integer, "nutrition" jsonb, "categoryId" text, "createdAt" timestamp(3) not null, "updatedAt" timestamp(3) not null);
create table "Order" (
    "id" text primary key, "orderNumber" serial, "userId" text not null, "status" text not null, "paymentStatus" text not null, "paymentMethod" text not null, "deliveryFee" numeric(10, 2) not null,
    "total" numeric(10, 2) not null, "notes" text, "addressId" text, "scheduledFor" timestamp(3), "createdAt" timestamp(3) not null, "updatedAt" timestamp(3) not null);
create table "OrderItem" ("id" text primary key, "orderId" text not null, "productId" text not null, "name" text not null, "quantity" integer not null, "unitPrice" numeric(10, 2) not null);
create table "Payment" ("id" text primary key, "orderId" text not null, "provider" text not null, "externalId" text, "status" text not null, "amount" numeric(10, 2) not null, "createdAt" timestamp(3) not null);

insert into "User"
select 'u' || n, 'cliente' || n || '@vaicoxinha.test', 'Cliente ' || n, '$2b$04$abcdefghijklmnopqrstuuPdwvXmbPLyQupR7iLcXQIhO8ORzjUky', '+55 (11) 9' || lpad(n::text, 8, '0'),
       case when n = 2 then 'STAFF' else 'CUSTOMER' end::"Role", timestamp '2025-01-01' + n * interval '1 minute', timestamp '2025-06-01'
from generate_series(1, :rows / 10) n;
insert into "RefreshToken" select 't' || n, md5(n::text), 'u' || n, timestamp '2026-01-01' from generate_series(1, 5) n;
insert into "Address"
select 'a' || n, 'u' || n, 'Casa', 'Rua das Flores', n::text, null, 'Centro', 'São Paulo', 'SP', '01001-000', true, timestamp '2025-01-02' + n * interval '1 minute' from generate_series(1, :rows / 10) n;
insert into "Category" select 'c' || n, 'Prateleira ' || n, 'prateleira-' || n, 'Salgados e doces.', timestamp '2025-01-01' + n * interval '1 minute' from generate_series(1, 8) n;
insert into "Product"
select 'p' || n, 'Coxinha número ' || n, 'coxinha-' || n, 'Massa fina, recheio cremoso.', 5 + n % 20 + 0.5, 'https://imagens.vaicoxinha.test/' || n || '.jpg', n % 10 > 0, n % 7 = 0,
       case when n % 2 = 0 then 100 end, case when n = 1 then '{"servingSize": "1 unidade (120 g)", "calories": 289.5, "protein": 9, "carbs": 30, "fat": 14, "sodium": 480, "allergens": ["gluten", "milk"]}'::jsonb end,
       'c' || (n % 8 + 1), timestamp '2025-01-03' + n * interval '1 minute', timestamp '2025-03-01'
from generate_series(1, :rows / 10) n;
insert into "Order" ("id", "userId", "status", "paymentStatus", "paymentMethod", "deliveryFee", "total", "notes", "addressId", "createdAt", "updatedAt")
select 'o' || n, 'u' || (n % (:rows / 10) + 1), case when n % 9 = 0 then 'CANCELLED' else 'DELIVERED' end, case when n % 9 = 0 then 'FAILED' else 'PAID' end, case when n % 3 = 0 then 'CASH' else 'PIX' end,
       case when n % 2 = 0 then 7.9 else 0 end, (5 + (n % (:rows / 10) + 1) % 20 + 0.5) * 2 + 6 + case when n % 2 = 0 then 7.9 else 0 end, 'Sem cebola', case when n % 2 = 0 then 'a' || (n % (:rows / 10) + 1) end,
       timestamp '2025-02-01' + n * interval '1 minute', timestamp '2025-02-01 00:40' + n * interval '1 minute'
from generate_series(1, :rows / 5) n;
insert into "OrderItem" select 'i' || n || 'a', 'o' || n, 'p' || (n % (:rows / 10) + 1), 'Coxinha número ' || (n % (:rows / 10) + 1), 2, 5 + (n % (:rows / 10) + 1) % 20 + 0.5 from generate_series(1, :rows / 5) n;
insert into "OrderItem" select 'i' || n || 'b', 'o' || n, 'gone', 'Guaraná', 1, 6 from generate_series(1, :rows / 5) n;
insert into "Payment" select 'pay' || n, 'o' || n, 'mercadopago', (700000 + n)::text, 'approved', 20, timestamp '2025-02-01' + n * interval '1 minute' from generate_series(1, :rows / 10) n where n % 9 > 0 and n % 3 > 0;
