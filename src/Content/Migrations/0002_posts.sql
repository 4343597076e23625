-- A trusted extension: whoever may create schemas in this database may add it.
create extension if not exists pg_trgm;

-- What is searched in: folded by us, so the dictionaries are without accents to lose, and without stop words.
create text search dictionary content.portuguese_words (template = pg_catalog.snowball, language = portuguese);
create text search dictionary content.english_words (template = pg_catalog.snowball, language = english);
create text search configuration content.words (copy = pg_catalog.simple);
create text search configuration content.portuguese (copy = pg_catalog.simple);
create text search configuration content.english (copy = pg_catalog.simple);
alter text search configuration content.portuguese alter mapping for asciiword, word with content.portuguese_words;
alter text search configuration content.english alter mapping for asciiword, word with content.english_words;

-- Each word as it stands, which is what the beginning of a word finds, and its stems in both languages.
create function content.terms(words text) returns tsvector language sql immutable parallel safe
    return to_tsvector('content.words'::regconfig, words) || to_tsvector('content.portuguese'::regconfig, words) || to_tsvector('content.english'::regconfig, words);

-- A word that is asked for, with letters and digits only. It stands in what is searched with its stems, always; so whoever looks for the stems finds the word, and each alternative less is a long list
-- less to be read. Of a beginning, the stems that begin so as well are found by it.
create function content.wanted(word text, is_begun boolean) returns tsquery language sql immutable parallel safe
    return case
        when is_begun then to_tsquery('content.words'::regconfig, word || ':*')
            || case when starts_with(trim(to_tsquery('content.portuguese'::regconfig, word)::text, ''''), word) then ''::tsquery else to_tsquery('content.portuguese'::regconfig, word) end
            || case when starts_with(trim(to_tsquery('content.english'::regconfig, word)::text, ''''), word)
                or to_tsquery('content.english'::regconfig, word) = to_tsquery('content.portuguese'::regconfig, word) then ''::tsquery else to_tsquery('content.english'::regconfig, word) end
        when to_tsquery('content.portuguese'::regconfig, word) = to_tsquery('content.english'::regconfig, word) then to_tsquery('content.portuguese'::regconfig, word)
        else to_tsquery('content.portuguese'::regconfig, word) || to_tsquery('content.english'::regconfig, word)
    end;

create table content.posts (
    id            uuid primary key,
    -- Also in content.slugs, with those it had before.
    slug          text collate "C" not null unique check (length(slug) between 1 and 100),
    -- Null where its author is erased. Belongs to accounts: no foreign key leaves a module.
    author_id     uuid,
    title         text not null check (length(title) between 1 and 200),
    excerpt       text check (length(excerpt) between 1 and 500),
    -- How the text begins, for where no excerpt is given.
    lead          text not null check (length(lead) <= 300),
    content       text not null check (length(content) <= 65536),
    -- Made of the content when it is written, so that a read costs nothing; and which making of ours it was.
    html          text not null,
    rendered_by   integer not null,
    status        text not null check (status in ('draft', 'scheduled', 'published', 'archived')),
    scheduled_for timestamptz,
    -- When it was first published. It stays when the post is taken back, so that one which returns is no news.
    published_at  timestamptz,
    cover         jsonb check (jsonb_typeof(cover) = 'object'),
    -- Whose image that is.
    cover_by      uuid,
    comments_open boolean not null,
    comment_count integer not null check (comment_count >= 0),
    view_count    bigint not null check (view_count >= 0),
    -- The number of the present text, and who wrote it when.
    revision      integer not null check (revision >= 1),
    written_by    uuid,
    written_at    timestamptz not null,
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    check ((status = 'scheduled') = (scheduled_for is not null)),
    check (status <> 'published' or published_at is not null),
    check (cover is not null or cover_by is null)
);

-- What everybody reads, in both orders.
create index posts_by_age on content.posts (published_at, id) where status = 'published';
create index posts_by_views on content.posts (view_count, id) where status = 'published';
create index posts_of_author_by_age on content.posts (author_id, published_at, id) where status = 'published';
create index posts_of_author_by_views on content.posts (author_id, view_count, id) where status = 'published';
-- What site maps count and walk.
create index published_posts on content.posts (id) where status = 'published';
-- What authors and moderators read.
create index posts_of_author on content.posts (author_id, created_at, id);
create index posts_by_creation on content.posts (created_at, id);
create index posts_by_status on content.posts (status, created_at, id);
create index posts_by_rendering on content.posts (rendered_by);
create index posts_with_cover_of on content.posts (cover_by) where cover_by is not null;

-- Every slug that a post has or had: an old one leads to the post, and nobody else takes it.
create table content.slugs (
    slug    text collate "C" primary key check (length(slug) between 1 and 100),
    -- Claimed before its post is there.
    post_id uuid not null references content.posts on delete cascade deferrable initially deferred
);

create index slugs_of_post on content.slugs (post_id);

-- The texts of a post before the present one.
create table content.revisions (
    post_id    uuid not null references content.posts on delete cascade,
    number     integer not null check (number >= 1),
    title      text not null check (length(title) between 1 and 200),
    excerpt    text check (length(excerpt) between 1 and 500),
    content    text not null check (length(content) <= 65536),
    written_by uuid,
    written_at timestamptz not null,
    -- For lists, whose rows have one id.
    id         uuid not null unique,
    primary key (post_id, number)
);

create index revisions_of_person on content.revisions (written_by) where written_by is not null;

create table content.tags (
    id         uuid primary key,
    -- What makes two names the same.
    slug       text collate "C" not null unique check (length(slug) between 1 and 100),
    -- As it was first written, or renamed.
    name       text not null check (length(name) between 1 and 50),
    name_folded text collate "C" not null,
    -- As it is searched for.
    words      text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create index tags_by_name on content.tags (name_folded, id);

-- Slugs that tags had before they were renamed or merged. Only that writes it, alone; whoever writes tags on a post goes through it together with others.
create table content.old_tags (
    slug   text collate "C" primary key,
    tag_id uuid not null references content.tags on delete cascade
);

create index old_tags_of_tag on content.old_tags (tag_id);

create table content.post_tags (
    post_id      uuid not null references content.posts on delete cascade,
    tag_id       uuid not null references content.tags on delete cascade,
    position     integer not null check (position >= 0),
    -- The post's, while it is published: a tag's posts are read and counted in their order here.
    published_at timestamptz,
    primary key (post_id, tag_id)
);

create index posts_of_tag on content.post_tags (tag_id, published_at, post_id) where published_at is not null;
create index all_posts_of_tag on content.post_tags (tag_id);

-- One row for each post, published or not. The texts are words with single spaces between them.
create table content.post_search (
    post_id      uuid primary key references content.posts on delete cascade,
    is_published boolean not null,
    title        text collate "C" not null,
    labels       text not null,
    text         text not null,
    title_terms  tsvector not null generated always as (content.terms(title)) stored,
    terms        tsvector not null generated always as (
        setweight(content.terms(title), 'A') || setweight(content.terms(labels), 'B') || setweight(content.terms(text), 'D')) stored
);

-- Every word of titles and tags: what a word with a mistake in it may have been meant to be.
create table content.search_words (
    word text collate "C" primary key check (length(word) between 3 and 40)
);

-- Short lists of what is not in an index yet: every search reads them.
create index post_search_by_title on content.post_search (title, post_id) where is_published;
create index post_search_by_title_terms on content.post_search using gin (title_terms) with (gin_pending_list_limit = 256);
create index post_search_by_terms on content.post_search using gin (terms) with (gin_pending_list_limit = 256);
create index search_words_by_trigram on content.search_words using gin (word gin_trgm_ops);

-- Comments in two levels: what answers an answer answers the comment above both.
create table content.comments (
    id            uuid primary key,
    post_id       uuid not null references content.posts on delete cascade,
    parent_id     uuid references content.comments on delete cascade,
    author_id     uuid,
    state         text not null check (state in ('pending', 'shown', 'hidden', 'deleted')),
    content       text check (length(content) between 1 and 4000),
    html          text,
    rendered_by   integer not null,
    hidden_reason text check (length(hidden_reason) between 1 and 500),
    edited_at     timestamptz,
    -- When it was first shown; whoever was told of it then is not told again.
    posted_at     timestamptz,
    created_at    timestamptz not null,
    check (parent_id <> id),
    check ((state = 'deleted') = (content is null)),
    check ((content is null) = (html is null)),
    check (hidden_reason is null or state = 'hidden'),
    check (state <> 'shown' or posted_at is not null)
);

create index comments_of_post on content.comments (post_id, created_at, id) where parent_id is null;
create index comments_of_post_by_id on content.comments (post_id, id);
create index answers_of_comment on content.comments (parent_id, created_at, id) where parent_id is not null;
create index comments_of_author on content.comments (author_id, id);
create index comments_by_age on content.comments (created_at, id);
create index comments_by_state on content.comments (state, created_at, id);
create index comments_by_rendering on content.comments (rendered_by);

-- What people find wrong with a post or a comment, once each.
create table content.reports (
    id          uuid primary key,
    post_id     uuid not null references content.posts on delete cascade,
    -- Null where it is the post itself.
    comment_id  uuid references content.comments on delete cascade,
    reporter_id uuid,
    reason      text not null check (length(reason) between 1 and 500),
    resolution  text check (resolution in ('upheld', 'dismissed')),
    note        text check (length(note) between 1 and 500),
    resolved_by uuid,
    resolved_at timestamptz,
    created_at  timestamptz not null,
    constraint one_report_of_a_person unique nulls not distinct (post_id, comment_id, reporter_id),
    check ((resolution is null) = (resolved_at is null)),
    check (note is null or resolution is not null)
);

create index reports_by_age on content.reports (created_at, id);
create index open_reports_by_age on content.reports (created_at, id) where resolution is null;
create index reports_of_comment on content.reports (comment_id) where comment_id is not null;
create index reports_of_person on content.reports (reporter_id) where reporter_id is not null;

-- What the feed of this installation is known by, wherever it moves.
create table content.feed (
    id uuid primary key
);

insert into content.feed (id) values (gen_random_uuid());
