-- The loop that refreshes numbers of known posts beside the one that discovers new ones; walks over everything in turn.

alter table accounts add column full_walk_at timestamptz;
comment on column accounts.full_walk_at is 'When a walk over all posts last ended without failing, be it cut short (UTC). NULL: none has.';

alter table sync_jobs drop constraint sync_jobs_mode_check,
  add constraint sync_jobs_mode_check check (mode in ('refresh', 'incremental', 'full'));
alter table sync_tasks drop constraint sync_tasks_mode_check,
  add constraint sync_tasks_mode_check check (mode in ('refresh', 'incremental', 'full'));
comment on column sync_tasks.mode is
  'refresh: numbers of known posts only; incremental: new posts, and those of the days before the last walk; full: all posts.';

-- Which of two modes asks for more.
create function mode_rank(mode text) returns integer
  language sql immutable parallel safe
  as $$ select case mode when 'refresh' then 1 when 'incremental' then 2 when 'full' then 3 end $$;
comment on function mode_rank(text) is 'Orders modes of a sync by how much they ask for: refresh 1, incremental 2, full 3.';

-- An id that was asked about and is not in the answer is a miss; the answer alone does not tell what was asked.
alter table raw_pages add column asked text[];
comment on column raw_pages.asked is 'Native ids of posts that this call asked about by id. NULL: it asked for a list or a profile.';

-- Young posts of all accounts, whose numbers move fastest.
create index posts_recent on posts (published_at) where status in ('present', 'missing');

-- A post that was aimed at and neither seen nor missed (an answer may leave it open) is not aimed at again at once.
alter table post_latest add column aimed_at timestamptz;
comment on column post_latest.aimed_at is 'When a refresh that aimed at the post last ended without having seen it (UTC). NULL: none has.';
