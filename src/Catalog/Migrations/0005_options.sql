-- What may be chosen with a product stands on its row, so that who shows or sells the product has read it already. Null is nothing to choose.
-- The default is for a version that does not know of it and runs beside this one.
create domain catalog.json_array as jsonb check (jsonb_typeof(value) = 'array');
alter table catalog.products
    add column option_groups catalog.json_array,
    -- Whether some of its options are counted: only then does anybody look below.
    add column counts_options boolean not null default false;

-- How many are left of each option that is counted. Whoever writes here holds the product's row, and takes options in the order of their ids.
create table catalog.option_stock (
    option_id  uuid primary key,
    product_id uuid not null references catalog.products on delete cascade,
    stock      catalog.stock not null
);

create index option_stock_of_product on catalog.option_stock (product_id);
