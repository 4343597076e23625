-- A word stands in what is searched with its stems, always: so whoever looks for its stems finds it as well, and an alternative less is a long list less to be read.
-- What is only begun finds the stems that begin so.
create or replace function catalog.wanted(word text, is_begun boolean) returns tsquery language sql immutable parallel safe
    return case
        when not is_begun and to_tsquery('catalog.portuguese'::regconfig, word) = to_tsquery('catalog.english'::regconfig, word) then to_tsquery('catalog.english'::regconfig, word)
        when not is_begun then to_tsquery('catalog.portuguese'::regconfig, word) || to_tsquery('catalog.english'::regconfig, word)
        when starts_with(to_tsquery('catalog.portuguese'::regconfig, word)::text, '''' || word) and starts_with(to_tsquery('catalog.english'::regconfig, word)::text, '''' || word)
            then to_tsquery('catalog.words'::regconfig, word || ':*')
        when starts_with(to_tsquery('catalog.portuguese'::regconfig, word)::text, '''' || word)
            then to_tsquery('catalog.words'::regconfig, word || ':*') || to_tsquery('catalog.english'::regconfig, word)
        when starts_with(to_tsquery('catalog.english'::regconfig, word)::text, '''' || word) or to_tsquery('catalog.portuguese'::regconfig, word) = to_tsquery('catalog.english'::regconfig, word)
            then to_tsquery('catalog.words'::regconfig, word || ':*') || to_tsquery('catalog.portuguese'::regconfig, word)
        else to_tsquery('catalog.words'::regconfig, word || ':*') || to_tsquery('catalog.portuguese'::regconfig, word) || to_tsquery('catalog.english'::regconfig, word)
    end;

-- What is searched in, in four parts, each with indexes of its own. An index of words reads every product that has a word before it gives the first; a search
-- goes through the parts in turn, and needs no more of them than fill its depth: for common words that is one of four.
alter table catalog.product_search rename to product_search_whole;
alter index catalog.product_search_pkey rename to product_search_whole_pkey;

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
) partition by hash (product_id);

create table catalog.product_search_0 partition of catalog.product_search for values with (modulus 4, remainder 0);
create table catalog.product_search_1 partition of catalog.product_search for values with (modulus 4, remainder 1);
create table catalog.product_search_2 partition of catalog.product_search for values with (modulus 4, remainder 2);
create table catalog.product_search_3 partition of catalog.product_search for values with (modulus 4, remainder 3);

insert into catalog.product_search (product_id, category_id, name, labels, category, description)
select product_id, category_id, name, labels, category, description from catalog.product_search_whole;

drop table catalog.product_search_whole;

-- Short lists of what is not in an index yet: every search reads them, those of all parts.
create index product_search_by_name on catalog.product_search (name, product_id);
create index product_search_by_name_terms on catalog.product_search using gin (name_terms) with (gin_pending_list_limit = 64);
create index product_search_by_terms on catalog.product_search using gin (terms) with (gin_pending_list_limit = 64);
create index product_search_of_category on catalog.product_search (category_id);
