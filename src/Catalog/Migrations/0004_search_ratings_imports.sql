-- What is searched in, beside the products and not in them: a sale rewrites a product's row, and need not carry this along.
-- Texts are folded by us; so the dictionaries are without accents to lose, and without stop words, which are names of things in a shop.
create text search dictionary catalog.portuguese_words (template = pg_catalog.snowball, language = portuguese);
create text search dictionary catalog.english_words (template = pg_catalog.snowball, language = english);
create text search configuration catalog.words (copy = pg_catalog.simple);
create text search configuration catalog.portuguese (copy = pg_catalog.simple);
create text search configuration catalog.english (copy = pg_catalog.simple);
alter text search configuration catalog.portuguese alter mapping for asciiword, word with catalog.portuguese_words;
alter text search configuration catalog.english alter mapping for asciiword, word with catalog.english_words;

-- Each word as it stands, which is what the beginning of a word finds, and its stems in both languages.
create function catalog.terms(words text) returns tsvector language sql immutable parallel safe
    return to_tsvector('catalog.words'::regconfig, words) || to_tsvector('catalog.portuguese'::regconfig, words) || to_tsvector('catalog.english'::regconfig, words);

-- A word that is asked for, with letters and digits only: so, or with a stem of it, or as the beginning of one.
create function catalog.wanted(word text, is_begun boolean) returns tsquery language sql immutable parallel safe
    return to_tsquery('catalog.words'::regconfig, word || case when is_begun then ':*' else '' end)
        || to_tsquery('catalog.portuguese'::regconfig, word) || to_tsquery('catalog.english'::regconfig, word);

-- One row for each product that is not archived. The texts are words with single spaces between them.
create table catalog.product_search (
    product_id  uuid primary key references catalog.products on delete cascade,
    -- Here too, so that a category that is renamed finds its products by the rows it locks.
    category_id uuid not null,
    name        text collate "C" not null,
    labels      text not null,
    category    text not null,
    description text not null,
    name_terms  tsvector not null generated always as (catalog.terms(name)) stored,
    terms       tsvector not null generated always as (
        setweight(catalog.terms(name), 'A') || setweight(catalog.terms(labels || ' ' || category), 'B') || setweight(catalog.terms(description), 'D')) stored
);

-- Every word of names, tags and categories: what a word with a mistake in it may have been meant to be. A word that has gone from the shop stays, and finds nothing.
create table catalog.search_words (
    word text collate "C" primary key check (length(word) between 3 and 40)
);

-- What is there already, folded as well as the database can: names and descriptions are as we folded them, tags and categories are folded anew.
create function catalog.folded(given text) returns text language sql immutable
    return trim(regexp_replace(translate(
        lower(regexp_replace(normalize(given, nfkd), '[\u0300-\u036f]', '', 'g')), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~' || E'\n\t', repeat(' ', 34)), ' +', ' ', 'g'));

insert into catalog.product_search (product_id, category_id, name, labels, category, description)
select p.id, p.category_id, catalog.folded(p.name_folded), catalog.folded(array_to_string(p.tags, ' ')), catalog.folded(c.name), catalog.folded(split_part(p.search_text, E'\n', 2))
from catalog.products p join catalog.categories c on c.id = p.category_id
where p.archived_at is null;

insert into catalog.search_words (word)
select distinct word from catalog.product_search, unnest(string_to_array(name || ' ' || labels || ' ' || category, ' ')) as word
where length(word) between 3 and 40;

drop function catalog.folded(text);

-- Short lists of what is not in an index yet: every search reads them.
create index product_search_by_name on catalog.product_search (name, product_id);
create index product_search_by_name_terms on catalog.product_search using gin (name_terms) with (gin_pending_list_limit = 256);
create index product_search_by_terms on catalog.product_search using gin (terms) with (gin_pending_list_limit = 256);
create index product_search_of_category on catalog.product_search (category_id);
create index search_words_by_trigram on catalog.search_words using gin (word gin_trgm_ops);

-- Domains, as in 0003: an update that does not assign a column does not try its rule.
create domain catalog.rating_sum as bigint check (value >= 0);
create domain catalog.rating_count as integer check (value >= 0);

alter table catalog.products
    -- A version that searches in it may run beside this one; it goes with a later one.
    alter column search_text set default '',
    add column rating_sum catalog.rating_sum not null default 0,
    add column rating_count catalog.rating_count not null default 0,
    -- Not for sale until then, whatever the stock. Past or null is neither. No index names it, nor stock or is_available: a sale rewrites no index.
    add column sold_out_until timestamptz;

-- The average in hundred-thousandths: whole numbers, so that a cursor names a place exactly. Without reviews it is the lowest.
create function catalog.rating(sum bigint, count integer) returns bigint language sql immutable parallel safe
    return case when count = 0 then 0 else sum * 100000 / count end;

create index products_by_rating on catalog.products (catalog.rating(rating_sum, rating_count), id) where archived_at is null;
create index products_of_category_by_rating on catalog.products (category_id, catalog.rating(rating_sum, rating_count), id) where archived_at is null;

-- Files of products on their way in. A row of the file waits here until the job takes them all, or none.
create table catalog.imports (
    id             uuid primary key,
    state          text not null check (state in ('receiving', 'waiting', 'done', 'refused')),
    columns        text[] not null,
    rows_read      integer not null check (rows_read >= 0),
    rows_added     integer,
    rows_changed   integer,
    rows_unchanged integer,
    bad_rows       integer not null check (bad_rows >= 0),
    errors         jsonb not null check (jsonb_typeof(errors) = 'array'),
    created_by     uuid not null,
    created_at     timestamptz not null,
    updated_at     timestamptz not null,
    finished_at    timestamptz
);

create index imports_by_age on catalog.imports (created_at, id);

create table catalog.import_rows (
    import_id   uuid not null references catalog.imports on delete cascade,
    -- As a spreadsheet counts: the header is 1.
    number      integer not null,
    cells       jsonb not null check (jsonb_typeof(cells) = 'object'),
    -- What the job found: the product that is there already, the category that is named, and the slug of a new product.
    product_id  uuid,
    category_id uuid,
    slug        text,
    primary key (import_id, number)
);
