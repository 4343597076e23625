-- What staff decide a few times a year is one document: it is read whole, and only when it has changed. The defaults keep what a store was before:
-- open by its week alone, picked up and delivered without a lead, at any time within its hours.
alter table ordering.stores
    add column settings     jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
    -- What staff say with one tap during the day. It ends by the clock alone: nobody has to tidy up.
    add column paused_at    timestamptz,
    add column paused_until timestamptz check (paused_until > paused_at),
    add column pause_reason text check (length(pause_reason) between 1 and 200),
    add column busy_minutes integer not null default 0 check (busy_minutes between 0 and 240),
    add column busy_until   timestamptz,
    add check (paused_at is not null or (paused_until is null and pause_reason is null)),
    add check (busy_minutes > 0 or busy_until is null);

create domain ordering.places_taken as integer check (value >= 0);

-- How many places of a slot are taken; a slot nobody asked for has no row. What a slot holds is the store's to say, at the time it is taken.
create table ordering.slots (
    fulfillment ordering.fulfillment not null,
    starts_at   timestamptz not null,
    taken       ordering.places_taken not null,
    primary key (fulfillment, starts_at)
);

create index slots_by_age on ordering.slots (starts_at);
