-- Slow jobs at an ML provider, who waits for them, and what they found.

create table ml_jobs (
  id              bigint generated always as identity primary key,
  input_key       text not null,
  kind            text not null check (kind in ('text', 'image')),
  model           text not null,
  attempt_no      integer not null default 1,
  status          text not null default 'planned'
                  check (status in ('planned', 'submitting', 'submitted', 'done', 'failed', 'expired', 'cancelled')),
  input           jsonb not null,
  due_at          timestamptz not null default app_now(),
  attempts        integer not null default 0,
  asks            integer not null default 0,
  resubmitted     boolean not null default false,
  maybe_paid_twice boolean not null default false,
  provider_job_id text,
  model_version   text,
  submitted_at    timestamptz,
  deadline_at     timestamptz,
  error           jsonb,
  parked          boolean not null default false,
  created_at      timestamptz not null default app_now(),
  finished_at     timestamptz,
  unique (input_key, kind, model, attempt_no),
  check (status <> 'submitted' or provider_job_id is not null),
  check ((status in ('done', 'failed', 'expired', 'cancelled')) = (finished_at is not null))
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
create index ml_jobs_to_submit on ml_jobs (due_at, id) where status in ('planned', 'submitting');
create index ml_jobs_to_ask on ml_jobs (due_at, id) where status = 'submitted';

create table ml_job_targets (
  ml_job_id    bigint not null references ml_jobs on delete cascade,
  post_id      bigint not null references posts on delete cascade,
  media_id     bigint references post_media on delete cascade,
  sync_task_id bigint not null references sync_tasks on delete cascade,
  unique nulls not distinct (ml_job_id, post_id, media_id, sync_task_id)
);
create index ml_job_targets_media on ml_job_targets (media_id) where media_id is not null;
create index ml_job_targets_task on ml_job_targets (sync_task_id);
create index ml_job_targets_post on ml_job_targets (post_id);

create table annotations (
  input_key     text not null,
  kind          text not null check (kind in ('text', 'image')),
  model_version text not null,
  result        jsonb not null,
  ml_job_id     bigint references ml_jobs on delete set null,
  created_at    timestamptz not null default app_now(),
  primary key (input_key, kind, model_version)
);

-- By content, not by attempt: a late result of an expired attempt counts at once.
create view post_annotations as
  select distinct on (t.post_id, t.media_id, a.kind, a.input_key, a.model_version)
    t.post_id, t.media_id, a.kind, j.model, a.model_version, a.result, a.created_at, a.ml_job_id
  from ml_job_targets t
  join ml_jobs j on j.id = t.ml_job_id
  join annotations a on a.input_key = j.input_key and a.kind = j.kind;

create view post_ml_mentions as
  select a.post_id, a.media_id, a.kind, a.model_version,
         brand ->> 'brand' as brand, (brand ->> 'score')::float8 as score, brand ->> 'evidence' as evidence
  from post_annotations a
  cross join jsonb_path_query(a.result, 'lax $.items[*].brands[*]') as brand;

select describe('ml_jobs', 'One job at an ML provider for one content; the row stands before the provider is called.', '{
  "id": "Our own number of the job.",
  "input_key": "SHA-256 of kind, model and content; the same content is paid for once.",
  "kind": "text: title and body of a post; image: a picture.",
  "model": "The model asked for.",
  "attempt_no": "Which attempt at this content, from 1.",
  "status": "planned, submitting (being sent), submitted (the provider works), done, failed, expired (no answer in time), cancelled.",
  "input": "What the provider is given.",
  "due_at": "When to send it, to take it over from a sender that died, or to ask about it next (UTC).",
  "attempts": "How often sending was tried.",
  "asks": "How often the provider was asked about it.",
  "resubmitted": "The provider had forgotten it and it was sent once more with the same key.",
  "maybe_paid_twice": "An answer to sending was lost at a provider that does not recognise repeats.",
  "provider_job_id": "The provider''s own id. NULL until it accepted the job.",
  "model_version": "The version that answered. NULL until done.",
  "submitted_at": "When the provider accepted it (UTC). NULL: not yet.",
  "deadline_at": "When we give it up (UTC). NULL: not submitted yet.",
  "error": "Why it failed. NULL: it did not.",
  "parked": "It failed for good for a reason a person should look at.",
  "created_at": "When it was planned (UTC).",
  "finished_at": "When it became done, failed, expired or cancelled (UTC). NULL: open."
}');
select describe('ml_job_targets', 'Who waits for a job; always on its newest attempt.', '{
  "ml_job_id": "The job.",
  "post_id": "The post that gets the result.",
  "media_id": "The medium the result is about. NULL: the text of the post.",
  "sync_task_id": "The task that is complete only when the job is final."
}');
select describe('annotations', 'What a model found in a content. It belongs to the content: every post with that content has it.', '{
  "input_key": "The content, as in ml_jobs.",
  "kind": "text or image.",
  "model_version": "The version of the model that answered.",
  "result": "The result as the provider gave it; coordinates are fractions from 0 to 1.",
  "ml_job_id": "The job that brought it. NULL: that job was purged.",
  "created_at": "When it was accepted (UTC)."
}');
comment on view post_annotations is 'Accepted ML results of each post, one row per post, medium and model version.';
comment on view post_ml_mentions is 'Brands that ML found in posts, one row per find; score from 0 to 1.';
