create schema movingin;

-- What came from another system, by what it was called there. It is what makes an import repeatable, and one that was stopped go on: what stands here has come.
create table movingin.arrivals (
    source       text collate "C" not null check (length(source) between 1 and 50),
    kind         text collate "C" not null check (length(kind) between 1 and 50),
    old_id       text collate "C" not null check (length(old_id) between 1 and 200),
    -- What it is here; of another module, so no foreign key.
    new_id       uuid not null,
    -- Of all that was brought, to tell whether it is another there since; null once its person was erased here, who is not brought again.
    content_hash bytea check (length(content_hash) = 32),
    -- What was changed or left out when it came.
    remarks      jsonb check (jsonb_typeof(remarks) = 'array'),
    came_at      timestamptz not null,
    primary key (source, kind, old_id)
);

create index arrivals_by_new_id on movingin.arrivals (new_id, kind);
