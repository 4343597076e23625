-- What somebody tells of themselves beside their name.
create table accounts.profiles (
    user_id       uuid primary key references accounts.users on delete cascade,
    bio           text check (length(bio) between 1 and 2000),
    website       text check (length(website) between 1 and 500),
    location      text check (length(location) between 1 and 200),
    date_of_birth date
);

-- A public image of Files: no foreign key leaves a module.
alter table accounts.users add column avatar_file_id uuid;

-- Sessions are deleted soon after their end; who was active lately is asked for longer.
create table accounts.last_seen (
    user_id uuid primary key references accounts.users on delete cascade,
    seen_on date not null
);

insert into accounts.last_seen (user_id, seen_on) select user_id, max((last_seen_at at time zone 'utc')::date) from accounts.sessions group by user_id;

create index last_seen_by_day on accounts.last_seen (seen_on);

-- Read with the user at every look-up: those few whose access tokens may still be about.
create index sessions_ended on accounts.sessions (user_id, revoked_at) where revoked_at is not null;
