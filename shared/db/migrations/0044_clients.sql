-- For whom accounts are followed: clients and their brands. A key may be bound to clients, and then sees theirs alone.
create table clients (
  id         bigint generated always as identity primary key,
  name       text not null,
  name_norm  text not null unique,
  created_at timestamptz not null default app_now()
);
comment on table clients is 'For whom accounts are followed: one row per client.';
comment on column clients.id is 'Our own number.';
comment on column clients.name is 'As it is shown.';
comment on column clients.name_norm is 'The name as it is compared: lower case, without accents, its words apart by one space.';
comment on column clients.created_at is 'When it was first named (UTC).';

create table brand_handles (
  brand_id    bigint not null references brands on delete cascade,
  platform    text not null references platforms,
  handle      text not null,
  handle_norm text not null,
  primary key (brand_id, platform, handle_norm)
);
create index brand_handles_of on brand_handles (platform, handle_norm);
comment on table brand_handles is 'What a brand is called on each platform, whether we follow that account or not.';
comment on column brand_handles.brand_id is 'The brand, as in brands.id.';
comment on column brand_handles.platform is 'The platform.';
comment on column brand_handles.handle is 'The handle as it was given, without @.';
comment on column brand_handles.handle_norm is 'The handle as it is compared.';

alter table accounts
  add column client_id bigint references clients,
  add column brand_id bigint references brands on delete set null,
  add column tags text[] not null default '{}',
  add column failures smallint not null default 0,
  drop constraint accounts_status_check,
  add constraint accounts_status_check check (status in ('active', 'paused', 'unfollowed', 'reauth_required', 'unsupported',
    'private', 'suspended', 'closed', 'missing', 'erased'));
create index accounts_client on accounts (client_id, status) where client_id is not null;
create index accounts_brand on accounts (brand_id) where brand_id is not null;
create index accounts_tags on accounts using gin (tags) where tags <> '{}';
comment on column accounts.client_id is 'For whom it is followed, as in clients.id. NULL: for no client.';
comment on column accounts.brand_id is 'Whose account it is, as in brands.id. NULL: of no brand that is on record.';
comment on column accounts.tags is 'Words of the user to find it by, in alphabetical order.';
comment on column accounts.failures is
  'Syncs in a row that failed or had something parked. Each doubles the time to the next one by the schedule, up to a day.';
drop index accounts_to_look_at;
create index accounts_to_look_at on accounts (platform, next_sync_at) where status not in ('paused', 'unfollowed', 'erased');

alter table api_keys add column client_ids bigint[];
comment on column api_keys.hash is
  'SHA-256 of the key, hexadecimal; of a key that is bound to clients SHA-256 of `bound ` and that. A key has 192 random bits, so that it cannot be guessed.';
comment on column api_keys.client_ids is 'The clients whose accounts it sees, as in clients.id. NULL: all accounts.';

alter table erasures
  add column requested_by text not null default 'us' check (requested_by in ('us', 'owner', 'platform'));
-- Whose wish earlier ones were is not known: the careful reading of `on request`.
update erasures set requested_by = 'owner';
comment on column erasures.requested_by is
  'Whose request it was: us, or the owner or the platform; an account erased on their request is not admitted again.';

alter function grant_roles() rename to grant_roles_of_0043;
create function grant_roles() returns void
  language plpgsql
  as $$
declare
  one record;
begin
  perform grant_roles_of_0043();
  for one in
    select r.rolname, g.relation, g.rights from (values
      ('accounts', 'extract poll', 'update (failures, next_sync_at)'),
      ('brand_handles', 'sync', 'select, insert, delete'),
      ('brand_handles', 'transform', 'select'),
      ('clients', 'sync', 'select, insert, update (name, name_norm), delete'),
      ('clients', 'extract transform poll', 'select'),
      ('sync_tasks', 'poll', 'update (last_error)')
    ) g (relation, stages, rights)
    cross join lateral string_to_table(g.stages, ' ') stage
    join pg_roles r on r.rolname = 'social_sync_' || stage or (stage = 'extract' and starts_with(r.rolname, 'social_sync_extract_'))
  loop
    execute format('grant %s on %I.%I to %I', one.rights, current_schema(), one.relation, one.rolname);
  end loop;
end
$$;
comment on function grant_roles() is
  'Gives each function, social_sync_run and social_sync_read what they need, where these roles are. Called after each migration.';
comment on function grant_roles_of_0043() is 'The part of grant_roles() that is of tables up to 0043.';
revoke execute on function grant_roles(), grant_roles_of_0043() from public;
