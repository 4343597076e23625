-- Whether a listing is free is asked of hundreds in one search. The index behind no_overlap answers by going down several ways; this one by going down one, to
-- what ends after the time begins.
create index taken_by_end on booking.taken (listing_id, upper(during), lower(during));
