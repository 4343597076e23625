-- Somebody who came by a wallet has no address, and so none that could be proved.
alter table accounts.users
    alter column email drop not null,
    add constraint users_verified_has_email check (email is not null or (not email_verified and verify_by is null));
