-- The platforms that accounts may be of; a new one is a row here, a folder and a line in shared/platforms/registry.ts.

create table platforms (
  name              text primary key check (name ~ '^[a-z]+$'),
  profile_endpoints text[] not null
);
comment on table platforms is 'The platforms that accounts may be of.';
comment on column platforms.name is 'The name by which all other tables know it.';
comment on column platforms.profile_endpoints is
  'Endpoints whose answers hold a profile and no post: they are no pages of a list.';

insert into platforms (name, profile_endpoints) values
  ('youtube', '{channels}'),
  ('instagram', '{user}'),
  ('tiktok', '{user.info,research.user}');

-- Rows of these know their platform from the account they belong to; a promise of the ledger says so.
alter table sync_tasks drop constraint sync_tasks_platform_check;
alter table raw_pages drop constraint raw_pages_platform_check;
alter table posts drop constraint posts_platform_check;

alter table accounts drop constraint accounts_platform_check,
  add constraint accounts_platform foreign key (platform) references platforms;
alter table credentials drop constraint credentials_platform_check,
  add constraint credentials_platform foreign key (platform) references platforms;
alter table retention drop constraint retention_platform_check,
  add constraint retention_platform foreign key (platform) references platforms;

-- No function changes which platforms there are.
create or replace function grant_roles() returns void
  language plpgsql
  as $$
declare
  here text := current_schema();
begin
  perform pg_advisory_xact_lock(hashtext('social-sync migrations'));
  if exists (select from pg_roles where rolname = 'social_sync_run') then
    execute format('grant usage on schema %I to social_sync_run', here);
    execute format('grant select, insert, update, delete on all tables in schema %I to social_sync_run', here);
    execute format('grant usage on all sequences in schema %I to social_sync_run', here);
    grant execute on function make_partitions(timestamptz, timestamptz) to social_sync_run;
    -- What was done by hand, and what was promised of it, cannot be undone by a function. An erasure is forgotten by one,
    -- when the owner of the account lets us in anew.
    revoke update, delete on audit_log from social_sync_run;
    revoke update on erasures from social_sync_run;
    revoke insert, update, delete on schema_migrations, retention, platforms from social_sync_run;
    revoke delete on api_keys from social_sync_run;
  end if;
  if exists (select from pg_roles where rolname = 'social_sync_read') then
    execute format('grant usage on schema %I to social_sync_read', here);
    execute format('grant select on all tables in schema %I to social_sync_read', here);
    revoke all on credentials, api_keys, idempotent_requests, erasures from social_sync_read;
  end if;
end
$$;
