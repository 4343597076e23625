-- What is said of a stay: by its renter of the listing, by its owner of the renter. Neither reads the other's before both have said it, or the time for it is over.
alter table reviews.reviews
    add column stay_id        uuid, -- Belongs to the module that knows who stayed: no foreign key leaves a module.
    -- The other side of the stay: the owner of what is reviewed, or the renter who is.
    add column counterpart_id uuid,
    -- Until when it waits for the other side; null where it is open.
    add column sealed_until   timestamptz,
    -- What the owner of what is reviewed says to it.
    add column reply          text check (length(reply) between 1 and 2000),
    add column replied_at     timestamptz,
    drop constraint one_of_a_person,
    add constraint one_of_a_person unique nulls not distinct (subject_kind, subject_id, author_id, stay_id),
    add check ((stay_id is null) = (counterpart_id is null)),
    add check (counterpart_id <> author_id),
    add check (sealed_until is null or stay_id is not null),
    add check ((reply is null) = (replied_at is null)),
    add check (reply is null or (stay_id is not null and sealed_until is null and withdrawn_at is null));

-- As before, without what is sealed. The second has all that is counted.
drop index reviews.reviews_of_subject_by_age, reviews.reviews_of_subject_by_rating;
create index reviews_of_subject_by_age on reviews.reviews (subject_kind, subject_id, created_at, id) where hidden_at is null and sealed_until is null;
create index reviews_of_subject_by_rating on reviews.reviews (subject_kind, subject_id, rating, id) where hidden_at is null and sealed_until is null;
create index reviews_of_stay on reviews.reviews (stay_id) where stay_id is not null;
create index reviews_of_counterpart on reviews.reviews (counterpart_id, id) where counterpart_id is not null;
create index sealed_reviews on reviews.reviews (sealed_until) where sealed_until is not null;
