create domain notifications.kind as text check (value ~ '^[a-z_]+\.[a-z_-]+$' and length(value) <= 60);
create domain notifications.channel as text check (value in ('in_app', 'email', 'sms', 'push'));
create domain notifications.delivery_status as text check (value in ('pending', 'sent', 'failed', 'skipped'));
create domain notifications.skip_reason as text check (value in ('not_wanted', 'nobody_there', 'no_phone', 'unsubscribed', 'too_late', 'not_configured', 'refused', 'gave_up'));
create domain notifications.hour as text check (value ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$');

-- What people were told.
create table notifications.notices (
    id         uuid primary key,
    person_id  uuid not null,
    kind       notifications.kind not null,
    -- What happened: of one thing a person is told once, however often it is handled.
    key        text collate "C" not null check (length(key) between 1 and 200),
    title      text not null check (length(title) between 1 and 200),
    body       text not null check (length(body) <= 2000),
    -- The same on one line, for a text message.
    short      text not null check (length(short) between 1 and 200),
    data       jsonb not null check (jsonb_typeof(data) = 'object'),
    -- Whether its person is shown it in the client. If not, it is here for what is sent of it, and so that it is told once.
    is_listed  boolean not null,
    created_at timestamptz not null,
    read_at    timestamptz,
    unique (person_id, key)
);

create index notices_of_person on notifications.notices (person_id, created_at desc, id desc) where is_listed;
create index notices_to_read on notifications.notices (person_id, created_at desc, id desc) where is_listed and read_at is null;
create index notices_by_age on notifications.notices (created_at);
-- For an export.
create index notices_by_person on notifications.notices (person_id, id);

-- What was sent to people, or is to be, or was not. Neither words nor addresses are in it.
create table notifications.deliveries (
    -- By which the other side can tell a double. A mail's is the mail's.
    id              uuid primary key,
    person_id       uuid,
    notice_id       uuid references notifications.notices on delete cascade,
    subscription_id uuid,
    channel         notifications.channel not null check (channel <> 'in_app'),
    kind            notifications.kind not null,
    status          notifications.delivery_status not null,
    reason          notifications.skip_reason,
    detail          text check (length(detail) <= 300),
    attempts        integer not null check (attempts >= 0),
    provider_id     text check (length(provider_id) between 1 and 100),
    created_at      timestamptz not null,
    updated_at      timestamptz not null,
    finished_at     timestamptz,
    check ((status = 'pending') = (finished_at is null)),
    check ((status in ('failed', 'skipped')) = (reason is not null)),
    check ((channel = 'email') = (notice_id is null)),
    check ((channel = 'push') = (subscription_id is not null))
);

create unique index one_delivery_for_a_way on notifications.deliveries (notice_id, channel, subscription_id) nulls not distinct where notice_id is not null;
create index deliveries_by_age on notifications.deliveries (created_at, id);
create index deliveries_of_person on notifications.deliveries (person_id, id);

-- What people said about how they want to be told. Where they said nothing, the kind's own word holds.
create table notifications.preferences (
    person_id  uuid not null,
    kind       notifications.kind not null,
    channel    notifications.channel not null,
    is_on      boolean not null,
    updated_at timestamptz not null,
    primary key (person_id, kind, channel)
);

-- When people are not to be disturbed. Whoever changes what is theirs here holds this row.
create table notifications.people (
    person_id   uuid primary key,
    quiet_from  notifications.hour,
    quiet_until notifications.hour,
    time_zone   text check (length(time_zone) <= 64),
    updated_at  timestamptz not null,
    check ((quiet_from is null) = (quiet_until is null) and (quiet_from is not null or time_zone is null)),
    check (quiet_from <> quiet_until)
);
