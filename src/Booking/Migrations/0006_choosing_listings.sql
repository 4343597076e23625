-- With all that a search chooses and sorts by, and what it asks for free time: where no order is walked and no index knows the filter, this is read and not the listings themselves, which are seven times as wide.
drop index booking.listings_by_price;
create index listings_by_price on booking.listings (price, id)
    include (created_at, rating_sum, rating_count, category, city_words, lat, lng, unit, time_zone, units, is_pooled, buffer_before, buffer_after, capacity, instant)
    where is_active and approval = 'approved' and archived_at is null;
