-- Three roles: the one that migrates owns everything; `social_sync_run` is what the functions are, `social_sync_read`
-- what people and reports are. Roles are made outside, for they belong to the server; what they may do is told here.

-- Whoever gives pages another chance wants their partitions, which only the owner can make.
do $$
begin
  execute format('alter function make_partitions(timestamptz, timestamptz) security definer set search_path = %I, pg_temp',
    current_schema());
end
$$;
revoke execute on function make_partitions(timestamptz, timestamptz) from public;

create function grant_roles() returns void
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
    revoke insert, update, delete on schema_migrations, retention from social_sync_run;
    revoke delete on api_keys from social_sync_run;
  end if;
  if exists (select from pg_roles where rolname = 'social_sync_read') then
    execute format('grant usage on schema %I to social_sync_read', here);
    execute format('grant select on all tables in schema %I to social_sync_read', here);
    revoke all on credentials, api_keys, idempotent_requests, erasures from social_sync_read;
  end if;
end
$$;
revoke execute on function grant_roles() from public;
comment on function grant_roles() is
  'Lets social_sync_run do what the functions do, and social_sync_read read all but secrets, where these roles are. Called after each migration.';
