-- Whoever is erased takes their files along. What the shop shows stays, and is nobody's.
alter table files.files
    alter owner_id drop not null,
    add constraint files_of_nobody check (owner_id is not null or (is_of_staff and visibility = 'public'));

create index files_unowned on files.files (id) where owner_id is null;
