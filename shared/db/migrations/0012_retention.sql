-- How long what is kept: rules as rows, which an operator may change; erased accounts; who did what.

create table retention (
  platform    text not null check (platform in ('instagram', 'youtube', 'tiktok')),
  field_group text not null check (field_group in ('raw', 'metrics', 'content')),
  keep_days   integer check (keep_days >= 7),
  primary key (platform, field_group)
);
comment on table retention is 'How long each kind of data of each platform is kept. Rows may be changed; the sweep of the next night follows them.';
comment on column retention.platform is 'The platform.';
comment on column retention.field_group is
  'raw: answers as they came, and refused records. metrics: rows of post_metrics and profile_metrics. content: profiles and posts that were not seen for so long; they are asked for again before.';
comment on column retention.keep_days is 'Days after which it is deleted. NULL: it is kept.';

-- YouTube wants stored data renewed or deleted within 30 days; who holds its analytics amendment, or owners'' consent,
-- may keep the history of numbers longer (platform-apis 1.4, 7.6).
insert into retention (platform, field_group, keep_days) values
  ('youtube', 'raw', 30), ('youtube', 'metrics', 30), ('youtube', 'content', 30),
  ('instagram', 'raw', 30), ('instagram', 'metrics', null), ('instagram', 'content', null),
  ('tiktok', 'raw', 30), ('tiktok', 'metrics', null), ('tiktok', 'content', null);

-- Under which names nobody is followed again: an account''s own row tells nothing any more.
create table erasures (
  name_hash  text primary key,
  account_id bigint not null references accounts,
  erased_at  timestamptz not null default app_now()
);
create index erasures_account on erasures (account_id);
comment on table erasures is 'Accounts erased on request, known by hashes of their names alone.';
comment on column erasures.name_hash is 'HMAC-SHA-256 of platform and native id, or of platform and handle, base64url; the key is not in the database.';
comment on column erasures.account_id is 'The row of accounts that is left as a tombstone.';
comment on column erasures.erased_at is 'When it was erased (UTC).';

create table audit_log (
  id      bigint generated always as identity primary key,
  at      timestamptz not null default app_now(),
  actor   text not null,
  action  text not null,
  about   text not null,
  details jsonb not null default '{}'
);
comment on table audit_log is 'What people and programs changed by hand, one row each; append-only.';
comment on column audit_log.id is 'Our own number.';
comment on column audit_log.at is 'When (UTC).';
comment on column audit_log.actor is 'Who: api, or the name of an API key.';
comment on column audit_log.action is 'What was done, for example erase.';
comment on column audit_log.about is 'To what, for example account 7. Never a name of an erased account.';
comment on column audit_log.details is 'Counts and other facts; holds nothing that was erased.';

-- What is asked of bodies by age goes by partitions; empty ones of the past are dropped.
create function drop_empty_partitions(before_at timestamptz) returns integer
  language plpgsql
  as $$
declare
  child   record;
  is_used boolean;
  dropped integer := 0;
begin
  for child in
    select c.oid::regclass as name from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    where (i.inhparent = 'raw_bodies'::regclass and c.relname ~ '_\d{8}$'
        and to_date(right(c.relname, 8), 'YYYYMMDD') + 7 <= (before_at at time zone 'UTC')::date)
      or (i.inhparent = 'post_metrics'::regclass and c.relname ~ '_\d{6}$'
        and to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= before_at at time zone 'UTC')
  loop
    execute format('select exists (select from %s)', child.name) into is_used;
    if not is_used then
      execute format('drop table %s', child.name);
      dropped := dropped + 1;
    end if;
  end loop;
  return dropped;
end
$$;
comment on function drop_empty_partitions(timestamptz) is
  'Drops partitions of raw_bodies and post_metrics that end before this time and hold no row. Returns how many.';

create index raw_pages_fetched on raw_pages (fetched_at) where status in ('transformed', 'parked');
create index post_latest_observed on post_latest (observed_at);
comment on column annotations.ml_job_id is 'The job that brought it. NULL: that job was purged.';
