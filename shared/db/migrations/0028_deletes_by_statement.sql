-- A foreign key looks the other row up for each row that is written: of a first load that was a third of the database's
-- time. Tables written in bulk have none any more. A transform holds the account and the newest-seen row while it writes, so
-- that neither is deleted meanwhile; a trigger deletes what hangs on deleted rows, also for code of an earlier release, which
-- relied on the keys; `verify` looks for strays.

alter table posts drop constraint posts_account_id_fkey;
alter table post_latest drop constraint post_latest_post_id_fkey;
alter table post_metrics drop constraint post_metrics_post_id_fkey;
alter table post_media drop constraint post_media_post_id_fkey;
alter table post_hashtags drop constraint post_hashtags_post_id_fkey;
alter table post_mentions drop constraint post_mentions_post_id_fkey;
alter table ml_job_targets
  drop constraint ml_job_targets_ml_job_id_fkey,
  drop constraint ml_job_targets_post_id_fkey,
  drop constraint ml_job_targets_media_id_fkey,
  drop constraint ml_job_targets_sync_task_id_fkey;

create function delete_dependents() returns trigger language plpgsql as $$
declare
  dependents text;
begin
  foreach dependents in array tg_argv loop
    execute 'delete from ' || dependents;
  end loop;
  return null;
end
$$;
comment on function delete_dependents() is
  'Deletes rows that hang on deleted ones: each argument is a table as c, and how its rows are found by the deleted ones, gone.';

create trigger dependents after delete on accounts
  referencing old table as gone for each statement execute function delete_dependents(
    'posts c using gone where c.account_id = gone.id');
create trigger dependents after delete on posts
  referencing old table as gone for each statement execute function delete_dependents(
    'post_latest c using gone where c.post_id = gone.id',
    'post_metrics c using gone where c.post_id = gone.id',
    'post_media c using gone where c.post_id = gone.id',
    'post_hashtags c using gone where c.post_id = gone.id',
    'post_mentions c using gone where c.post_id = gone.id',
    'ml_job_targets c using gone where c.post_id = gone.id');
create trigger dependents after delete on post_media
  referencing old table as gone for each statement execute function delete_dependents(
    'ml_job_targets c using gone where c.post_id = gone.post_id and c.media_id = gone.id');
create trigger dependents after delete on sync_tasks
  referencing old table as gone for each statement execute function delete_dependents(
    'ml_job_targets c using gone where c.sync_task_id = gone.id');
create trigger dependents after delete on ml_jobs
  referencing old table as gone for each statement execute function delete_dependents(
    'ml_job_targets c using gone where c.ml_job_id = gone.id');
