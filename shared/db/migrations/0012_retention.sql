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

-- Whom nobody follows again: an account's own row tells nothing any more.
create table erasures (
  id         bigint generated always as identity primary key,
  account_id bigint not null references accounts,
  platform   text not null,
  kind       text not null check (kind in ('handle', 'native_id')),
  salt       text,
  hash       text not null,
  erased_at  timestamptz not null default app_now(),
  check ((kind = 'native_id') = (salt is not null))
);
create index erasures_hash on erasures (hash) where kind = 'handle';
create index erasures_account on erasures (account_id);
comment on table erasures is 'Accounts erased on request, known by hashes of their names alone.';
comment on column erasures.id is 'Our own number.';
comment on column erasures.account_id is 'The row of accounts that is left as a tombstone.';
comment on column erasures.platform is 'Where the account lived; key: a hash of nothing, by which the key is known.';
comment on column erasures.kind is 'What was hashed.';
comment on column erasures.salt is 'Random text hashed with a native id. NULL: a handle.';
comment on column erasures.hash is
  'Of a handle, which could be guessed: HMAC-SHA-256, base64url, with a key that is not in the database. Of a native id: SHA-256 with its salt, hexadecimal; who has this row can test an id that he knows.';
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

create function pages_wait(from_at timestamptz, to_at timestamptz) returns boolean
  language sql stable
  as $$
    select exists (select from raw_pages where status = 'stored' and fetched_at >= from_at and fetched_at < to_at)
      or exists (select from raw_pages where status = 'parked' and fetched_at >= from_at and fetched_at < to_at)
  $$;
comment on function pages_wait(timestamptz, timestamptz) is
  'Whether a page of that time is yet to be read: what it says will want its partitions.';

-- Empty partitions of the past are dropped, unless a page of that time is yet to be read. The locks come first: whoever
-- writes at this moment is waited for, and what he wrote is seen.
create function drop_empty_partitions(before_at timestamptz) returns integer
  language plpgsql
  as $$
declare
  child   record;
  is_used boolean;
  dropped integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('social-sync partitions'));
  for child in
    select c.oid::regclass as name, 'raw_bodies'::regclass as parent, d.first at time zone 'UTC' as first,
      (d.first + interval '7 days') at time zone 'UTC' as after
    from pg_inherits i join pg_class c on c.oid = i.inhrelid and c.relname ~ '_\d{8}$',
      lateral (select to_date(right(c.relname, 8), 'YYYYMMDD')::timestamp as first) d
    where i.inhparent = 'raw_bodies'::regclass
    union all
    select c.oid::regclass, 'post_metrics'::regclass, d.first at time zone 'UTC',
      (d.first + interval '1 month') at time zone 'UTC'
    from pg_inherits i join pg_class c on c.oid = i.inhrelid and c.relname ~ '_\d{6}$',
      lateral (select to_date(right(c.relname, 6), 'YYYYMM')::timestamp as first) d
    where i.inhparent = 'post_metrics'::regclass
  loop
    continue when child.after > before_at;
    execute format('select exists (select from %s)', child.name) into is_used;
    continue when is_used or pages_wait(child.first, child.after);
    execute format('lock table %s in access exclusive mode', child.parent);
    execute format('lock table %s in access exclusive mode', child.name);
    execute format('select exists (select from %s)', child.name) into is_used;
    continue when is_used or pages_wait(child.first, child.after);
    execute format('drop table %s', child.name);
    dropped := dropped + 1;
  end loop;
  return dropped;
end
$$;
comment on function drop_empty_partitions(timestamptz) is
  'Drops partitions of raw_bodies and post_metrics that end before this time and hold no row. Returns how many.';

-- A job is deleted with what it found; without this each would be looked for in all annotations.
create index annotations_job on annotations (ml_job_id) where ml_job_id is not null;
