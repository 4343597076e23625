create schema catalog;

-- A trusted extension: whoever may create schemas in this database may add it.
create extension if not exists pg_trgm;

create table catalog.categories (
    id          uuid primary key,
    name        text not null check (length(name) between 1 and 100),
    slug        text collate "C" not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 100),
    description text check (length(description) <= 1000),
    position    integer not null check (position between 0 and 1000000),
    created_at  timestamptz not null,
    updated_at  timestamptz not null
);

create index categories_by_position on catalog.categories (position, id);

-- Pages keep room for new versions of their rows, and no index names stock or is_available: a sale rewrites no index.
create table catalog.products (
    id           uuid primary key,
    slug         text collate "C" not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 100),
    name         text not null check (length(name) between 1 and 200),
    -- The name as it is sorted by, accents and case folded.
    name_folded  text collate "C" not null,
    description  text not null check (length(description) <= 5000),
    -- Name and description as they are searched in, folded the same way.
    search_text  text not null,
    price_amount bigint not null check (price_amount between 0 and 1000000000000),
    currency     text not null check (currency ~ '^[A-Z]{3}$'),
    category_id  uuid references catalog.categories,
    -- Null is not counted.
    stock        integer check (stock >= 0),
    is_available boolean not null,
    is_featured  boolean not null,
    tags         text[] not null check (cardinality(tags) <= 20),
    nutrition    jsonb check (jsonb_typeof(nutrition) = 'object'),
    metadata     jsonb not null check (jsonb_typeof(metadata) = 'object'),
    -- Set by the first order, for good: such a product is archived where another would be deleted.
    ordered      boolean not null,
    archived_at  timestamptz,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    check (category_id is not null or archived_at is not null)
) with (fillfactor = 80);

-- An archived product gives its slug back.
create unique index products_slug on catalog.products (slug) where archived_at is null;

-- One index for each sort, alone and within a category; each is read both ways.
create index products_by_age on catalog.products (created_at, id) where archived_at is null;
create index products_by_price on catalog.products (price_amount, id) where archived_at is null;
create index products_by_name on catalog.products (name_folded, id) where archived_at is null;
-- Whole, since the foreign key looks for archived ones too.
create index products_of_category_by_age on catalog.products (category_id, created_at, id);
create index products_of_category_by_price on catalog.products (category_id, price_amount, id) where archived_at is null;
create index products_of_category_by_name on catalog.products (category_id, name_folded, id) where archived_at is null;
create index products_featured on catalog.products (created_at, id) where archived_at is null and is_featured;
create index products_by_tag on catalog.products using gin (tags) where archived_at is null;
create index products_by_text on catalog.products using gin (search_text gin_trgm_ops) where archived_at is null;
