-- Owners of accounts grant access in a browser: links that they are given, and what they were asked for.
create table connect_links (
  id           bigint generated always as identity primary key,
  token_hash   text not null unique,
  platform     text not null references platforms,
  client_id    bigint references clients on delete set null,
  account_id   bigint references accounts,
  made_by      text not null,
  created_at   timestamptz not null default app_now(),
  expires_at   timestamptz not null,
  connected_at timestamptz,
  connected_id bigint references accounts
);
comment on table connect_links is 'Links by which owners of accounts grant access without a login here; each works once.';
comment on column connect_links.id is 'Our own number.';
comment on column connect_links.token_hash is 'SHA-256 of the secret part of the link, hexadecimal.';
comment on column connect_links.platform is 'Where the account is.';
comment on column connect_links.client_id is 'For whom the account is followed, as in clients.id. NULL: for no client.';
comment on column connect_links.account_id is 'The account that is to be connected again. NULL: whichever its owner chooses.';
comment on column connect_links.made_by is 'Whose key made it.';
comment on column connect_links.created_at is 'When it was made (UTC).';
comment on column connect_links.expires_at is 'From when on it opens nothing (UTC).';
comment on column connect_links.connected_at is 'When its owner had granted access (UTC). NULL: not yet.';
comment on column connect_links.connected_id is 'The account that was connected. NULL: none yet.';

create table consents (
  state_hash      text primary key,
  platform        text not null references platforms,
  link_id         bigint references connect_links on delete cascade,
  client_id       bigint references clients on delete set null,
  account_id      bigint references accounts,
  asked_by        text not null,
  redirect        text not null,
  sealed_verifier bytea not null,
  created_at      timestamptz not null default app_now(),
  expires_at      timestamptz not null,
  used_at         timestamptz,
  outcome         text,
  details         jsonb not null default '{}'
);
create index consents_link on consents (link_id) where link_id is not null;
comment on table consents is 'Windows of platforms that owners were sent to, and how each ended; kept for 30 days.';
comment on column consents.state_hash is 'SHA-256 of the state that the platform gives back, hexadecimal.';
comment on column consents.platform is 'Whose window it is.';
comment on column consents.link_id is 'The link it was opened by, as in connect_links.id. NULL: by a key.';
comment on column consents.client_id is 'For whom the account is to be followed, as in clients.id. NULL: for no client.';
comment on column consents.account_id is 'The account that is to be connected again. NULL: whichever its owner chooses.';
comment on column consents.asked_by is 'Whose key asked, or made the link.';
comment on column consents.redirect is 'The address the owner comes back to.';
comment on column consents.sealed_verifier is 'The secret of PKCE, encrypted.';
comment on column consents.created_at is 'When the window was opened (UTC).';
comment on column consents.expires_at is 'From when on nothing that comes back counts (UTC).';
comment on column consents.used_at is 'When the owner came back (UTC). NULL: not yet.';
comment on column consents.outcome is 'How it ended, as a code. NULL: it has not.';
comment on column consents.details is 'What the page says of it: the handle, rights that were not granted.';

create table deletion_requests (
  code         text primary key,
  platform     text not null references platforms,
  requested_at timestamptz not null default app_now(),
  app_user_id  text,
  accounts     integer not null,
  done_at      timestamptz,
  check (app_user_id is not null or done_at is not null)
);
comment on table deletion_requests is 'Requests of owners, by way of a platform, to have their data deleted.';
comment on column deletion_requests.code is 'By which the owner sees how it stands.';
comment on column deletion_requests.platform is 'Where the owner asked.';
comment on column deletion_requests.requested_at is 'When it came (UTC).';
comment on column deletion_requests.app_user_id is 'How the platform names the owner towards our app. NULL: it is done, and forgotten.';
comment on column deletion_requests.accounts is 'How many accounts of the owner were on record.';
comment on column deletion_requests.done_at is 'When all of them were erased (UTC). NULL: not yet.';

alter table credentials
  add column app_user_id text,
  add column renewed_at timestamptz;
create index credentials_app_user on credentials (platform, app_user_id) where app_user_id is not null;
comment on column credentials.app_user_id is 'How the platform names the owner towards our app. NULL: not otherwise than the account.';
comment on column credentials.renewed_at is 'When it was last renewed (UTC). NULL: not since it was stored.';

alter function grant_roles() rename to grant_roles_of_0044;
create function grant_roles() returns void
  language plpgsql
  as $$
declare
  one record;
begin
  perform grant_roles_of_0044();
  for one in
    select r.rolname, g.relation, g.rights from (values
      ('connect_links', 'sync', 'select, insert, update (connected_at, connected_id, expires_at)'),
      ('consents', 'sync', 'select, insert, update (details, outcome, used_at)'),
      ('consents', 'transform', 'select (account_id, details), update (details)'),
      ('credentials', 'sync', 'select (access_expires_at, app_user_id, created_at, refresh_expires_at, renewed_at, scopes, status_reason), update (status, status_reason)'),
      ('deletion_requests', 'sync', 'select, insert, update (app_user_id, done_at)')
    ) g (relation, stages, rights)
    cross join lateral string_to_table(g.stages, ' ') stage
    join pg_roles r on r.rolname = 'social_sync_' || stage
  loop
    execute format('grant %s on %I.%I to %I', one.rights, current_schema(), one.relation, one.rolname);
  end loop;
  if exists (select from pg_roles where rolname = 'social_sync_read') then
    revoke all on connect_links, consents, deletion_requests from social_sync_read;
  end if;
end
$$;
comment on function grant_roles() is
  'Gives each function, social_sync_run and social_sync_read what they need, where these roles are. Called after each migration.';
comment on function grant_roles_of_0044() is 'The part of grant_roles() that is of tables up to 0044.';
revoke execute on function grant_roles(), grant_roles_of_0044() from public;
