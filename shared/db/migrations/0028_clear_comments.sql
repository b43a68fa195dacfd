-- Comments that readers of the tables had to read twice, or that said less than is so.

comment on column sync_jobs.mode is 'refresh: numbers of known posts; incremental: new posts and those of a week before; full: every post.';
comment on column sync_jobs.idempotency_key is 'The caller and the key it gave, so that a repeated request starts nothing twice. NULL: none given.';
comment on column sync_tasks.again is 'Another sync was asked for when this walk had already ended, or had begun in a lesser mode.';
comment on column posts.held_at is 'Since when its deletion waits for a person, because many posts of its account would be deleted at once (UTC). NULL: nothing to decide.';
comment on column ml_jobs.doubted_at is 'Since when the provider has denied this job while it knew others (UTC). NULL: it knows the job, or knows no others.';
comment on column erasures.platform is 'The platform of the account. The row with platform key holds a hash of the empty text, by which another data key is noticed.';
comment on column refusals.status is 'Status that the account gets for this refusal, if need be after a second look. NULL: the refusal says nothing about the account.';
comment on column accounts.full_walk_at is 'When a full walk last ended without failing, even if cut short (UTC). NULL: none has.';
