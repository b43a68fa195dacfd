-- What ended without a result, and what was refused, is looked at by its cause.
create index ml_jobs_failed on ml_jobs (id) where status in ('failed', 'expired');

comment on column quarantined_records.resolved_at is
  'When a later walk over every post refused nothing, or the answer that held it was let go (UTC). NULL: open.';
