-- The one clock (every statement asks app_now(), nothing calls now() itself), the lanes, and comments as data.

create function app_now() returns timestamptz
  language sql stable parallel safe
  as 'select now()';
comment on function app_now() is 'The time of every statement, UTC inside. Replaced only in databases of the simulated local cloud and of tests.';

create type lane as enum ('ad-hoc', 'schedule', 'backfill');
comment on type lane is 'Who goes first when time or quota is short, in this order.';

-- One line per column reads better than one statement per column.
create function describe(target regclass, meaning text, columns jsonb) returns void
  language plpgsql
  as $$
declare
  entry record;
begin
  execute format('comment on table %s is %L', target, meaning);
  for entry in select key, value from jsonb_each_text(columns) loop
    execute format('comment on column %s.%I is %L', target, entry.key, entry.value);
  end loop;
end
$$;
comment on function describe(regclass, text, jsonb) is 'Used by migrations: sets the comments of a table and of its columns.';
