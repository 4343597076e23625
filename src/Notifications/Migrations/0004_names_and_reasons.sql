-- Letters of modules from outside may have digits in their names.
alter domain notifications.kind drop constraint kind_check;
alter domain notifications.kind add constraint kind_check check (value ~ '^[a-z0-9_]+\.[a-z0-9_-]+$' and length(value) <= 60);

-- Somebody is sent so many texts in a day.
alter domain notifications.skip_reason drop constraint skip_reason_check;
alter domain notifications.skip_reason add constraint skip_reason_check check (
    value in ('not_wanted', 'nobody_there', 'no_phone', 'unsubscribed', 'too_late', 'not_configured', 'refused', 'gave_up', 'too_many'));

-- For whoever looks after what waits.
create index deliveries_pending on notifications.deliveries (id) where status = 'pending';
