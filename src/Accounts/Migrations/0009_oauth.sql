-- As whom a provider knows somebody: its issuer and its own, lasting name for them decide, whatever the provider is called in the settings.
create table accounts.identities (
    issuer       text not null check (length(issuer) between 1 and 500),
    subject      text not null check (length(subject) between 1 and 255),
    user_id      uuid not null references accounts.users on delete cascade,
    provider     text not null check (provider ~ '^[a-z0-9][a-z0-9-]{0,29}$'),
    email        text check (length(email) between 1 and 254), -- As the provider last gave it, proved or not.
    created_at   timestamptz not null,
    last_used_at timestamptz not null check (last_used_at >= created_at),
    primary key (issuer, subject)
);

create index identities_of_user on accounts.identities (user_id, created_at);

-- Sign-ins that have gone to a provider and not come back. Whoever reads this can neither come back for anybody nor redeem what they bring: of the state and of the
-- browser's secret there are hashes, and the verifier and the nonce are made from the two.
create table accounts.oauth_states (
    hash         bytea primary key check (length(hash) = 32),
    browser_hash bytea not null check (length(browser_hash) = 32),
    provider     text not null check (provider ~ '^[a-z0-9][a-z0-9-]{0,29}$'),
    redirect_uri text not null check (length(redirect_uri) <= 700),
    return_to    text check (length(return_to) <= 2000),
    challenge    bytea check (length(challenge) = 32), -- Of a verifier that the front end keeps.
    expires_at   timestamptz not null
);

create index oauth_states_by_end on accounts.oauth_states (expires_at);

-- What the front end is given, and exchanges for tokens once.
create table accounts.oauth_codes (
    hash         bytea primary key check (length(hash) = 32),
    user_id      uuid not null references accounts.users on delete cascade,
    browser_hash bytea check (length(browser_hash) = 32),
    challenge    bytea check (length(challenge) = 32),
    created_at   timestamptz not null,
    expires_at   timestamptz not null check (expires_at > created_at)
);

create index oauth_codes_of_user on accounts.oauth_codes (user_id);
create index oauth_codes_by_end on accounts.oauth_codes (expires_at);
