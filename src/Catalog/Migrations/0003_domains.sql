-- A column's rule lives in its type. An update tries all of a table's check constraints, parsed anew for each statement; a domain is tried only
-- where its column is assigned, and is kept ready. So a sale tries the stock, and no longer the slug, the names and the nutrition.
create domain catalog.slug as text collate "C" check (value ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(value) <= 100);
create domain catalog.product_name as text check (length(value) between 1 and 200);
create domain catalog.product_description as text check (length(value) <= 5000);
create domain catalog.price as bigint check (value between 0 and 1000000000000);
create domain catalog.currency as text check (value ~ '^[A-Z]{3}$');
create domain catalog.stock as integer check (value >= 0);
create domain catalog.tags as text[] check (cardinality(value) <= 20);
create domain catalog.json_object as jsonb check (jsonb_typeof(value) = 'object');

alter table catalog.products
    drop constraint products_slug_check, drop constraint products_name_check, drop constraint products_description_check, drop constraint products_price_amount_check,
    drop constraint products_currency_check, drop constraint products_stock_check, drop constraint products_tags_check, drop constraint products_nutrition_check,
    drop constraint products_metadata_check,
    alter slug type catalog.slug, alter name type catalog.product_name, alter description type catalog.product_description, alter price_amount type catalog.price,
    alter currency type catalog.currency, alter stock type catalog.stock, alter tags type catalog.tags, alter nutrition type catalog.json_object,
    alter metadata type catalog.json_object;
