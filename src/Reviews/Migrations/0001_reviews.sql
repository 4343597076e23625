create schema reviews;

create table reviews.reviews (
    id            uuid primary key,
    subject_kind  text not null check (length(subject_kind) between 1 and 50),
    subject_id    uuid not null, -- Belongs to the module of that kind: no foreign key leaves a module.
    author_id     uuid not null,
    rating        integer not null check (rating between 1 and 5),
    comment       text check (length(comment) between 1 and 2000),
    hidden_at     timestamptz,
    hidden_reason text check (length(hidden_reason) between 1 and 500),
    -- A hidden review that its author takes back stays as a mark without words, or it could be posted anew and be seen again.
    withdrawn_at  timestamptz,
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    constraint one_of_a_person unique (subject_kind, subject_id, author_id),
    check (hidden_reason is null or hidden_at is not null),
    check (withdrawn_at is null or (hidden_at is not null and hidden_reason is null and comment is null))
);

-- What everybody reads, in both orders. The second also has all that is counted.
create index reviews_of_subject_by_age on reviews.reviews (subject_kind, subject_id, created_at, id) where hidden_at is null;
create index reviews_of_subject_by_rating on reviews.reviews (subject_kind, subject_id, rating, id) where hidden_at is null;
create index reviews_by_author on reviews.reviews (author_id, created_at, id);
-- What moderators read.
create index reviews_by_age on reviews.reviews (created_at, id) where withdrawn_at is null;
create index reviews_by_rating on reviews.reviews (rating, created_at, id) where withdrawn_at is null;
create index hidden_reviews_by_age on reviews.reviews (created_at, id) where hidden_at is not null and withdrawn_at is null;
