-- The basket that an order is held and paid with: a module of its own, so no foreign key.
alter table ordering.orders add column basket_id uuid;

create index orders_of_basket on ordering.orders (basket_id) where basket_id is not null;
