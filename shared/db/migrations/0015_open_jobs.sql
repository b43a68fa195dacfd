-- Open ML jobs are listed in order of their numbers, however many are finished.

create index ml_jobs_open on ml_jobs (id) where status in ('planned', 'submitting', 'submitted');
