-- Whether the product was counted when its pieces were taken: what was taken from no count goes back to none. Of lines of before, and of those that a version writes which does not know of it
-- and runs beside this one, it is not known: they return to whatever is counted then, as they always did. Options say it of themselves, in the same way.
alter table ordering.order_items add column is_counted boolean not null default true;
