-- As in 0001: a trusted extension.
create extension if not exists pg_trgm;

-- Beside what the terms say of it, so that a search need not read them: what stays free around each booking, in days or in minutes.
create domain booking.buffer as integer check (value between 0 and 1440);

alter table booking.listings
    add column buffer_before booking.buffer not null,
    add column buffer_after booking.buffer not null,
    -- The city in folded words, as it is searched for.
    add column city_words text collate "C" not null;

-- Where a listing is for everybody: to about a hundred metres. Its place is its owner's until somebody has paid.
create function booking.spot(lat double precision, lng double precision) returns point language sql immutable parallel safe
    return point(round(lng * 1000) / 1000, round(lat * 1000) / 1000);

-- Kilometres between two spots on a globe (haversine).
create function booking.distance(one point, other point) returns double precision language sql immutable parallel safe
    return 12742 * asin(least(1, sqrt(
        power(sind((one[1] - other[1]) / 2), 2) + cosd(one[1]) * cosd(other[1]) * power(sind((one[0] - other[0]) / 2), 2))));

-- The average in hundred-thousandths: whole numbers, so that a cursor names a place exactly. Without reviews it is the lowest.
create function booking.rating(sum bigint, count integer) returns bigint language sql immutable parallel safe
    return case when count = 0 then 0 else sum * 100000 / count end;

-- The first instant of a day: of two midnights, where the clocks go back over one, the earlier.
create function booking.beginning_of(day date, zone text) returns timestamptz language sql stable parallel safe
    return case when ((day::timestamp at time zone zone) - interval '1 hour') at time zone zone = day::timestamp
        then (day::timestamp at time zone zone) - interval '1 hour' else day::timestamp at time zone zone end;

-- What is searched in, beside the listings and not in them. Texts are folded by us; so the dictionaries are without accents to lose, and without stop words.
create text search dictionary booking.portuguese_words (template = pg_catalog.snowball, language = portuguese);
create text search dictionary booking.english_words (template = pg_catalog.snowball, language = english);
create text search configuration booking.words (copy = pg_catalog.simple);
create text search configuration booking.portuguese (copy = pg_catalog.simple);
create text search configuration booking.english (copy = pg_catalog.simple);
alter text search configuration booking.portuguese alter mapping for asciiword, word with booking.portuguese_words;
alter text search configuration booking.english alter mapping for asciiword, word with booking.english_words;

-- Each word as it stands, which is what the beginning of a word finds, and its stems in both languages.
create function booking.terms(words text) returns tsvector language sql immutable parallel safe
    return to_tsvector('booking.words'::regconfig, words) || to_tsvector('booking.portuguese'::regconfig, words) || to_tsvector('booking.english'::regconfig, words);

-- A word that is asked for, with letters and digits only: so, or with a stem of it, or as the beginning of one.
create function booking.wanted(word text, is_begun boolean) returns tsquery language sql immutable parallel safe
    return to_tsquery('booking.words'::regconfig, word || case when is_begun then ':*' else '' end)
        || to_tsquery('booking.portuguese'::regconfig, word) || to_tsquery('booking.english'::regconfig, word);

-- One row for each listing that is not archived. The texts are words with single spaces between them.
create table booking.listing_search (
    listing_id  uuid primary key references booking.listings,
    -- Here too, so that a category that is renamed finds its listings by the rows it locks.
    category    text collate "C" not null,
    title       text collate "C" not null,
    -- The names of its category and of its city.
    labels      text not null,
    city        text not null,
    description text not null,
    terms       tsvector not null generated always as (
        setweight(booking.terms(title), 'A') || setweight(booking.terms(labels || ' ' || city), 'B') || setweight(booking.terms(description), 'D')) stored
);

-- Every word of titles, categories and cities: what a word with a mistake in it may have been meant to be. A word that has gone stays, and finds nothing.
create table booking.search_words (
    word text collate "C" primary key check (length(word) between 3 and 40)
);

-- Short lists of what is not in an index yet: every search reads them.
create index listing_search_by_terms on booking.listing_search using gin (terms) with (gin_pending_list_limit = 256);
create index listing_search_of_category on booking.listing_search (category);
create index search_words_by_trigram on booking.search_words using gin (word gin_trgm_ops);

-- What anyone sees, in each order it is shown in.
create index listings_by_age on booking.listings (created_at, id) where is_active and approval = 'approved' and archived_at is null;
create index listings_by_price on booking.listings (price, id) where is_active and approval = 'approved' and archived_at is null;
create index listings_by_rating on booking.listings (booking.rating(rating_sum, rating_count), id) where is_active and approval = 'approved' and archived_at is null;
create index listings_of_category_by_age on booking.listings (category, created_at, id) where is_active and approval = 'approved' and archived_at is null;
create index listings_of_category_by_price on booking.listings (category, price, id) where is_active and approval = 'approved' and archived_at is null;
create index listings_of_category_by_rating on booking.listings (category, booking.rating(rating_sum, rating_count), id) where is_active and approval = 'approved' and archived_at is null;
create index listings_of_city on booking.listings (city_words, created_at, id) where is_active and approval = 'approved' and archived_at is null;
create index listings_by_spot on booking.listings using gist (booking.spot(lat, lng)) where is_active and approval = 'approved' and archived_at is null and lat is not null;
-- What an admin looks through.
create index listings_by_approval on booking.listings (approval, created_at, id) where archived_at is null;
