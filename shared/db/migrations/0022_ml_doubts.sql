-- A provider that says that it does not know a job is asked once more before anything is sent again; a job past its
-- deadline is asked about a while longer before it is paid for again; and no two contents share a job of the provider.

alter table ml_jobs add column unknown_at timestamptz, add column doubted_at timestamptz;
comment on column ml_jobs.unknown_at is 'Since when the provider says that it does not know the job (UTC). NULL: it knows it.';
comment on column ml_jobs.doubted_at is 'Since when it says so while it knows others (UTC). NULL: it knows it, or no other one.';
comment on column ml_jobs.due_at is
  'When to send it, to take it over from a sender that died, or to ask about it next (UTC); infinity: an expired one is not asked about any more.';
comment on column ml_jobs.maybe_paid_twice is
  'It may have been paid twice: an answer to sending was lost, or the provider forgot the job, and it does not recognise repeats; or a late result made it needless.';

update ml_jobs set due_at = 'infinity' where status = 'expired';
create index ml_jobs_asked on ml_jobs (due_at, id) where status in ('submitted', 'expired') and due_at < 'infinity';
drop index ml_jobs_to_ask;
create index ml_jobs_provider on ml_jobs (provider_job_id) where provider_job_id is not null;
