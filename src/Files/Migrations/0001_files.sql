create schema files;

create table files.files (
    id           uuid primary key,
    owner_id     uuid not null,
    -- Whether staff uploaded it: the shop's own pages show nobody else's files.
    is_of_staff  boolean not null,
    state        text not null check (state in ('uploading', 'ready', 'deleted')),
    visibility   text not null check (visibility in ('public', 'private')),
    -- What was announced while it is uploaded; what its bytes proved once it is ready.
    content_type text not null check (content_type in ('image/jpeg', 'image/png', 'image/webp', 'image/gif', 'application/pdf')),
    size         bigint not null check (size > 0),
    name         text not null check (length(name) between 1 and 200),
    -- Where its bytes are. An object that no row names is nobody's, and is collected.
    object_key   text collate "C" not null unique check (object_key ~ '^[a-z0-9/-]{1,200}$'),
    -- Whether its bytes come straight to the store, by a signed address.
    is_direct    boolean not null,
    width        integer check (width > 0),
    height       integer check (height > 0),
    sha256       bytea check (length(sha256) = 32),
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    check ((width is null) = (height is null)),
    check (state <> 'ready' or sha256 is not null),
    check (state <> 'ready' or (width is null) = (content_type = 'application/pdf'))
);

create index files_by_owner on files.files (owner_id, created_at);
create index files_unfinished on files.files (created_at) where state = 'uploading';

-- Who shows a file: while anybody does, it cannot be deleted.
create table files.uses (
    file_id uuid not null references files.files,
    kind    text not null check (length(kind) between 1 and 50),
    used_by uuid not null, -- belongs to the module of that kind: no foreign key leaves a module
    primary key (kind, used_by, file_id)
);

create index uses_by_file on files.uses (file_id);
