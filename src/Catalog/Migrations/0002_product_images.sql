-- What a product shows, in its order. A file that can be shown never changes, so its size is kept here: a list needs no other module.
alter table catalog.products add column images jsonb not null default '[]' check (jsonb_typeof(images) = 'array');
