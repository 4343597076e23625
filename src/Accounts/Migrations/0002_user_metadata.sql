alter table accounts.users add column metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object');
