-- Partitions are made ahead by maintain; the default ones must stay empty.

create function make_partitions(from_at timestamptz, to_at timestamptz) returns integer
  language plpgsql
  as $$
declare
  day   date;
  made  integer := 0;
  child text;
begin
  perform pg_advisory_xact_lock(hashtext('social-sync partitions'));
  for day in select generate_series(date_trunc('week', from_at at time zone 'UTC'), to_at at time zone 'UTC', interval '1 week')::date loop
    child := 'raw_bodies_' || to_char(day, 'YYYYMMDD');
    if to_regclass(child) is null then
      execute format('create table %I partition of raw_bodies for values from (%L) to (%L)', child, day, day + 7);
      made := made + 1;
    end if;
  end loop;
  for day in select generate_series(date_trunc('month', from_at at time zone 'UTC'), to_at at time zone 'UTC', interval '1 month')::date loop
    child := 'post_metrics_' || to_char(day, 'YYYYMM');
    if to_regclass(child) is null then
      execute format('create table %I partition of post_metrics for values from (%L) to (%L)', child,
        day::timestamp at time zone 'UTC', (day + interval '1 month')::timestamp at time zone 'UTC');
      made := made + 1;
    end if;
  end loop;
  return made;
end
$$;
comment on function make_partitions(timestamptz, timestamptz) is
  'Makes the missing partitions for times between the two: raw_bodies by week, post_metrics by month (UTC). Returns how many.';
drop function describe(regclass, text, jsonb);
