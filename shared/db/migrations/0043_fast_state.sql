-- What the API counts and remembers for seconds; it may be lost at any time. With STATE_STORE it lies in YDB or Redis instead.
create unlogged table fast_state (
  name    text primary key,
  text    text,
  count   integer not null default 0,
  ends_at timestamptz not null
);
create index fast_state_ended on fast_state (ends_at);
comment on table fast_state is 'Counters and answers of the API that are of use for a short time: one row per name.';
comment on column fast_state.name is 'What it is of.';
comment on column fast_state.text is 'What was remembered. NULL: it is a counter.';
comment on column fast_state.count is 'How often it was counted since the row began.';
comment on column fast_state.ends_at is 'When it is of no use any more (UTC).';

-- Those that erase an account delete its bodies at once; those that keep a page ask how long.
alter function grant_roles() rename to grant_roles_of_0041;
create function grant_roles() returns void
  language plpgsql
  as $$
declare
  one record;
begin
  perform grant_roles_of_0041();
  for one in
    select r.rolname, g.relation, g.rights from (values
      ('doomed_bodies', 'extract', 'select, insert, delete'),
      ('doomed_bodies', 'transform sync', 'select, update (removing), delete'),
      ('fast_state', 'sync', 'select, insert, update'),
      ('retention', 'extract', 'select')
    ) g (relation, stages, rights)
    cross join lateral string_to_table(g.stages, ' ') stage
    join pg_roles r on r.rolname = 'social_sync_' || stage or (stage = 'extract' and starts_with(r.rolname, 'social_sync_extract_'))
  loop
    execute format('grant %s on %I.%I to %I', one.rights, current_schema(), one.relation, one.rolname);
  end loop;
  if exists (select from pg_roles where rolname = 'social_sync_read') then
    revoke all on doomed_bodies, fast_state from social_sync_read;
  end if;
end
$$;
comment on function grant_roles() is
  'Gives each function, social_sync_run and social_sync_read what they need, where these roles are. Called after each migration.';
comment on function grant_roles_of_0041() is 'The part of grant_roles() that is of tables up to 0041.';
revoke execute on function grant_roles(), grant_roles_of_0041() from public;
