-- What people and programs ask for between the scheduled syncs, and look at.

comment on column raw_pages.status is
  'stored (to be read), transformed, parked (waits for a person), dropped (let go by a person, or its task, account or body is gone).';

create index ml_jobs_open on ml_jobs (id) where status in ('planned', 'submitting', 'submitted');

alter table sync_job_tasks add column cancelled boolean not null default false;
comment on column sync_job_tasks.cancelled is
  'The request was cancelled and waits for the task no more, whatever becomes of it for others.';

-- Posts of an account are counted ahead of each sync of it, and windows of quota are looked at by everybody who looks on.
create index posts_counted on posts (account_id, published_at) where status <> 'deleted';
create index quota_windows_start on quota_windows (window_start);
