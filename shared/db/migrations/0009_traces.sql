-- Trace context travels with the rows, so that one sync can be followed over days of waiting.

alter table ml_jobs add column traceparent text;
comment on column ml_jobs.traceparent is 'W3C trace context of the page that planned it. NULL: no trace was kept.';
comment on column sync_tasks.traceparent is 'W3C trace context of the sync. NULL: no trace was kept.';

create index ml_jobs_parked on ml_jobs (id) where parked;
