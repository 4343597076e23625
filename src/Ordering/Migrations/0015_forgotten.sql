-- Whether whoever ordered it is forgotten. What the house itself gave as a reason, such as that an order lapsed, says nothing of anybody and stays for the reports; so it no longer tells
-- by its absence that money which comes late goes home.
alter table ordering.orders add column is_forgotten boolean not null default false;
