-- Requests to sync, and one account being synced.

create table sync_jobs (
  id              bigint generated always as identity primary key,
  origin          text not null check (origin in ('schedule', 'http', 'backfill')),
  mode            text not null check (mode in ('incremental', 'full')),
  idempotency_key text unique,
  request_hash    text,
  created_at      timestamptz not null default app_now(),
  check ((idempotency_key is null) = (request_hash is null))
);

create table sync_tasks (
  id            bigint generated always as identity primary key,
  account_id    bigint not null references accounts on delete cascade,
  platform      text not null check (platform in ('instagram', 'youtube', 'tiktok')),
  status        text not null default 'queued'
                check (status in ('queued', 'waiting', 'extracting', 'transforming', 'enriching', 'done', 'failed', 'cancelled')),
  reason        text,
  wait_pool     text,
  lane          lane not null,
  mode          text not null check (mode in ('incremental', 'full')),
  again         boolean not null default false,
  again_mode    text check (again_mode in ('incremental', 'full')),
  cursor        jsonb,
  lease_token   bigint not null default 0,
  lease_until   timestamptz,
  run_at        timestamptz not null default app_now(),
  attempts      integer not null default 0,
  walk_outcome  text check (walk_outcome in ('whole', 'partial', 'failed')),
  walk_ended_at timestamptz,
  newest_post_at timestamptz,
  last_error    text,
  traceparent   text,
  touched_at    timestamptz not null default app_now(),
  created_at    timestamptz not null default app_now(),
  finished_at   timestamptz,
  check ((status = 'extracting') = (lease_until is not null)),
  check ((walk_outcome is null) = (walk_ended_at is null)),
  check (status not in ('transforming', 'enriching', 'done', 'failed') or walk_outcome is not null),
  check ((status in ('done', 'failed', 'cancelled')) = (finished_at is not null))
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200);

-- One walking task per account; one that only waits for ML does not block the next sync.
create unique index sync_tasks_walking on sync_tasks (account_id)
  where status in ('queued', 'waiting', 'extracting', 'transforming');
create index sync_tasks_account on sync_tasks (account_id);
-- A claim takes what is due: queued, waited long enough, or left behind by an invocation that died.
create index sync_tasks_due on sync_tasks (platform, lane, (coalesce(lease_until, run_at)))
  where status in ('queued', 'waiting', 'extracting');
create index sync_tasks_open on sync_tasks (touched_at) where status in ('transforming', 'enriching');
create index sync_tasks_waiting on sync_tasks (wait_pool) where status = 'waiting' and wait_pool is not null;

create table sync_job_tasks (
  sync_job_id  bigint not null references sync_jobs on delete cascade,
  sync_task_id bigint not null references sync_tasks on delete cascade,
  again        boolean not null default false,
  primary key (sync_job_id, sync_task_id)
);
create index sync_job_tasks_task on sync_job_tasks (sync_task_id);

select describe('sync_jobs', 'One request to sync: by schedule, over HTTP, or a backfill. Its state follows from its tasks.', '{
  "id": "Our own number of the request.",
  "origin": "Who asked.",
  "mode": "incremental: new posts and a week of look-back; full: every post.",
  "idempotency_key": "Key the caller gave, so that a repeated request starts nothing twice. NULL: none given.",
  "request_hash": "SHA-256 of the body sent with that key. NULL without a key.",
  "created_at": "When it was asked for (UTC)."
}');
select describe('sync_tasks', 'One account being synced; may serve several requests.', '{
  "id": "Our own number of the task.",
  "account_id": "The account being synced.",
  "platform": "Platform of the account, repeated here for the claim.",
  "status": "queued, extracting (being asked), waiting (until run_at), transforming (all asked, pages left), enriching (ML jobs left), done, failed, cancelled.",
  "reason": "Why it waits, or why done is incomplete. NULL: nothing to say.",
  "wait_pool": "Quota pool it waits for. NULL: it waits for none.",
  "lane": "Who asked for it most urgently.",
  "mode": "incremental or full.",
  "again": "A further sync was asked for after this walk had ended or begun in the lesser mode.",
  "again_mode": "Mode of that further sync. NULL: none asked.",
  "cursor": "Where the walk stands; never ahead of the pages kept. NULL: not begun.",
  "lease_token": "Counter, one higher at each claim, cancel and park; a writer with an older one is refused.",
  "lease_until": "When the claim of the extracting invocation runs out (UTC). NULL: nobody extracts.",
  "run_at": "Not to be claimed before (UTC).",
  "attempts": "Claims since the last page was kept.",
  "walk_outcome": "How the walk ended: whole (ended by the platform, nothing waited), partial, failed. NULL: still walking.",
  "walk_ended_at": "When the walk ended (UTC). NULL: still walking.",
  "newest_post_at": "Publication time of the newest post the walk saw (UTC). NULL: none yet.",
  "last_error": "Last error in plain words. NULL: none.",
  "traceparent": "W3C trace context of the request. NULL: none.",
  "touched_at": "When its completion was last looked at or it last moved (UTC).",
  "created_at": "When it was made (UTC).",
  "finished_at": "When it became done, failed or cancelled (UTC). NULL: open."
}');
select describe('sync_job_tasks', 'Which tasks serve a request.', '{
  "sync_job_id": "The request.",
  "sync_task_id": "The task.",
  "again": "The request waits for the task made when this one leaves transforming, and is moved to it then."
}');
