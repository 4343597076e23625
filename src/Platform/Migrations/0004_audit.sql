-- The key that a person's values in the audit log are sealed with, wrapped with a secret that is not here. Whoever is erased keeps the row and loses the key.
create table platform.person_keys (
    person_id  uuid primary key,
    secret     text collate "C" check (length(secret) = 8), -- Names the secret that wrapped it.
    wrapped    bytea check (length(wrapped) = 60),
    created_at timestamptz not null,
    erased_at  timestamptz,
    check ((wrapped is null) = (erased_at is not null)),
    check ((wrapped is null) = (secret is null))
);

create index person_keys_by_secret on platform.person_keys (secret) where secret is not null;

-- Users are named by id and by no foreign key: the log outlives whom it names.
create table platform.audit_log (
    id            uuid primary key,
    at            timestamptz not null,
    action        text not null check (length(action) between 1 and 100),
    actor_id      uuid,
    actor_roles   text[] not null,
    session_id    uuid,
    person_id     uuid,
    resource_type text check (length(resource_type) between 1 and 100),
    resource_id   text check (length(resource_id) between 1 and 100),
    request_id    text check (length(request_id) <= 128),
    trace_id      text check (length(trace_id) = 32),
    origin        jsonb not null check (jsonb_typeof(origin) = 'object'),
    before        jsonb check (jsonb_typeof(before) = 'object'),
    after         jsonb check (jsonb_typeof(after) = 'object'),
    details       jsonb check (jsonb_typeof(details) = 'object'),
    check (resource_id is null or resource_type is not null)
);

create index audit_log_by_age on platform.audit_log (at, id);
create index audit_log_by_actor on platform.audit_log (actor_id, at, id);
create index audit_log_by_person on platform.audit_log (person_id, at, id);
create index audit_log_by_action on platform.audit_log (action, at, id);
create index audit_log_by_resource on platform.audit_log (resource_type, resource_id, at, id);

create function platform.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% on %.% is refused: it only ever grows', tg_op, tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
end
$$;

create trigger audit_log_only_grows before update or delete or truncate on platform.audit_log
    for each statement execute function platform.refuse_change();
