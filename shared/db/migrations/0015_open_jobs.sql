-- Open ML jobs are listed in order of their numbers, however many are finished.

comment on column raw_pages.status is
  'stored (to be read), transformed, parked (waits for a person), dropped (let go by a person, or its task, account or body is gone).';

create index ml_jobs_open on ml_jobs (id) where status in ('planned', 'submitting', 'submitted');
