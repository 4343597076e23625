-- The local mailbox of development: mails that went nowhere, the newest ones only.
create table platform.mailbox (
    id           uuid primary key,
    position     bigint generated always as identity unique,
    template     text not null check (length(template) between 1 and 100),
    locale       text not null check (length(locale) between 2 and 35),
    from_name    text not null check (length(from_name) <= 200),
    from_address text not null check (length(from_address) between 3 and 254),
    to_name      text not null check (length(to_name) <= 200),
    to_address   text not null check (length(to_address) between 3 and 254),
    subject      text not null check (length(subject) between 1 and 250),
    text_body    text not null check (length(text_body) <= 1000000),
    html_body    text not null check (length(html_body) <= 2000000),
    created_at   timestamptz not null
);
