-- Raw answers of the platforms: the ledger line, the body as it came, and the records refused.

create table raw_pages (
  id                bigint generated always as identity primary key,
  sync_task_id      bigint not null references sync_tasks on delete cascade,
  account_id        bigint not null references accounts on delete cascade,
  platform          text not null check (platform in ('instagram', 'youtube', 'tiktok')),
  endpoint          text not null,
  walk              integer not null,
  page_no           integer not null,
  status            text not null default 'stored' check (status in ('stored', 'transformed', 'parked', 'dropped')),
  lane              lane not null,
  retry_at          timestamptz not null default app_now(),
  attempts          integer not null default 0,
  fetched_at        timestamptz not null,
  transform_version integer,
  body_bytes        integer not null,
  body_sha256       text not null,
  nul_count         integer not null default 0,
  records_in        integer,
  normalised        integer,
  unchanged         integer,
  stale             integer,
  duplicate         integer,
  quarantined       integer,
  error             jsonb,
  traceparent       text,
  settled_at        timestamptz,
  unique (sync_task_id, endpoint, walk, page_no)
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
create index raw_pages_due on raw_pages (lane, id) include (retry_at) where status = 'stored';
create index raw_pages_stored_of_task on raw_pages (sync_task_id) where status = 'stored';
create index raw_pages_parked on raw_pages (id) where status = 'parked';
create index raw_pages_account on raw_pages (account_id);

create table raw_bodies (
  raw_page_id bigint not null,
  fetched_on  date not null,
  body        text not null,
  primary key (raw_page_id, fetched_on)
) partition by range (fetched_on);
create table raw_bodies_default partition of raw_bodies default;

-- lz4 packs four times faster than the default; the server must have been built with it.
do $$
begin
  alter table raw_bodies alter column body set compression lz4;
exception when feature_not_supported or invalid_parameter_value then
  raise notice 'this server has no lz4, bodies are packed with pglz';
end
$$;

create table quarantined_records (
  id          bigint generated always as identity primary key,
  raw_page_id bigint not null references raw_pages on delete cascade,
  account_id  bigint not null references accounts on delete cascade,
  path        text not null,
  cause       text not null,
  issues      jsonb not null,
  record      jsonb not null,
  created_at  timestamptz not null default app_now(),
  resolved_at timestamptz
);
create index quarantined_records_open on quarantined_records (cause, id) where resolved_at is null;
create index quarantined_records_page on quarantined_records (raw_page_id);
create index quarantined_records_account on quarantined_records (account_id);

select describe('raw_pages', 'Ledger of raw API answers: one line per answer kept for one task.', '{
  "id": "Our own number of the page.",
  "sync_task_id": "The task it was fetched for.",
  "account_id": "The account whose items it holds; never another one''s.",
  "platform": "The platform asked.",
  "endpoint": "The call that was answered.",
  "walk": "Which walk of the task, from 1.",
  "page_no": "Place among the answers of this endpoint in the walk, from 1.",
  "status": "stored (to be transformed), transformed, parked (waits for a person), dropped (its task or account is gone).",
  "lane": "Lane of its task when it was kept.",
  "retry_at": "Not to be claimed before (UTC).",
  "attempts": "Claims of the transform; counted before the work, so that a page that kills the process is counted.",
  "fetched_at": "When the platform answered (UTC).",
  "transform_version": "Version of the rules that transformed it. NULL: not transformed.",
  "body_bytes": "Length of the stored body in bytes of UTF-8.",
  "body_sha256": "SHA-256 of the stored body, hexadecimal.",
  "nul_count": "How many U+0000 were replaced by U+FFFD, since PostgreSQL text cannot hold them.",
  "records_in": "Records in the answer. NULL: not transformed.",
  "normalised": "Records that wrote or changed a row. NULL: not transformed.",
  "unchanged": "Records equal to what was known. NULL: not transformed.",
  "stale": "Records older than what was known. NULL: not transformed.",
  "duplicate": "Records superseded by another one of the same batch. NULL: not transformed.",
  "quarantined": "Records refused by validation. NULL: not transformed.",
  "error": "Why it was parked or last failed. NULL: no failure.",
  "traceparent": "W3C trace context of the call. NULL: none.",
  "settled_at": "When it was transformed, parked or dropped (UTC). NULL: still stored."
}');
select describe('raw_bodies', 'Raw API answers as they came, scrubbed of keys; partitions by week.', '{
  "raw_page_id": "The ledger line.",
  "fetched_on": "Day of fetched_at in UTC.",
  "body": "The text received."
}');
select describe('quarantined_records', 'Records refused by validation, kept with their cause; the rest of their page went on.', '{
  "id": "Our own number.",
  "raw_page_id": "The page that held the record.",
  "account_id": "The account of that page.",
  "path": "Place in the answer, for example items[3].statistics.viewCount.",
  "cause": "Short code of the cause.",
  "issues": "Every fault found, as reported by the schema.",
  "record": "The record as received.",
  "created_at": "When it was refused (UTC).",
  "resolved_at": "When a later transform accepted it or a person dismissed it (UTC). NULL: open."
}');
