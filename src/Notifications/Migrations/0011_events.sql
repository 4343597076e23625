create domain notifications.event_name as text check (value ~ '^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$' and length(value) <= 50);

-- What happened, as other systems are told of it.
create table notifications.events (
    id          uuid primary key,
    -- Its place in the feed, given once it is committed; null until then.
    position    bigint unique check (position > 0),
    type        notifications.event_name not null,
    occurred_at timestamptz not null,
    data        jsonb not null check (jsonb_typeof(data) = 'object'),
    -- The job that recorded it, so that a job which is done twice records once. Null for what no job recorded, such as a test.
    job_id      bigint unique,
    created_at  timestamptz not null
);

create index events_without_position on notifications.events (occurred_at, id) where position is null;
create index events_of_type on notifications.events (type, position);
create index events_by_age on notifications.events (created_at);

-- How far the feed is, and up to where some of it is forgotten. One row.
create table notifications.event_feed (
    is_it         boolean primary key default true check (is_it),
    last_position bigint not null default 0 check (last_position >= 0),
    forgotten     bigint not null default 0 check (forgotten >= 0),
    check (forgotten <= last_position)
);

insert into notifications.event_feed default values;

-- Gives events that are committed their places in the feed, one caller after the other. Whoever sees a place sees all before it: the lock is
-- held until the places are committed, and each statement in here has a snapshot of its own, so the second to come sees what the first one did.
create function notifications.number_events(at_most integer) returns integer language plpgsql as $$
declare
    last_given bigint;
    given integer;
begin
    if not exists (select from notifications.events where position is null) then
        return 0;
    end if;
    select last_position into last_given from notifications.event_feed for update;
    with fresh as (
        select waiting.id, row_number() over (order by waiting.occurred_at, waiting.id) as place
        from (select e.id, e.occurred_at from notifications.events e where e.position is null order by e.occurred_at, e.id limit at_most) waiting
    )
    update notifications.events e set position = last_given + fresh.place from fresh where e.id = fresh.id;
    get diagnostics given = row_count;
    update notifications.event_feed set last_position = last_given + given;
    return given;
end
$$;
