-- A foreign key looks the other row up for each row that is written: of a first load that was a third of the database's
-- time. What is written in bulk has none any more. Who writes holds the account and the newest-seen row, so that neither
-- goes meanwhile; whoever deletes deletes all that hangs on it, by one statement for each table; `verify` looks for strays.

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

create function delete_with_accounts() returns trigger language plpgsql as $$
begin
  delete from posts c using gone where c.account_id = gone.id;
  return null;
end
$$;
create trigger posts_go_along after delete on accounts
  referencing old table as gone for each statement execute function delete_with_accounts();

create function delete_with_posts() returns trigger language plpgsql as $$
begin
  delete from post_latest c using gone where c.post_id = gone.id;
  delete from post_metrics c using gone where c.post_id = gone.id;
  delete from post_media c using gone where c.post_id = gone.id;
  delete from post_hashtags c using gone where c.post_id = gone.id;
  delete from post_mentions c using gone where c.post_id = gone.id;
  delete from ml_job_targets c using gone where c.post_id = gone.id;
  return null;
end
$$;
create trigger children_go_along after delete on posts
  referencing old table as gone for each statement execute function delete_with_posts();

create function delete_with_media() returns trigger language plpgsql as $$
begin
  delete from ml_job_targets c using gone where c.media_id = gone.id;
  return null;
end
$$;
create trigger targets_go_along after delete on post_media
  referencing old table as gone for each statement execute function delete_with_media();

create function delete_with_tasks() returns trigger language plpgsql as $$
begin
  delete from ml_job_targets c using gone where c.sync_task_id = gone.id;
  return null;
end
$$;
create trigger targets_go_along after delete on sync_tasks
  referencing old table as gone for each statement execute function delete_with_tasks();

create function delete_with_jobs() returns trigger language plpgsql as $$
begin
  delete from ml_job_targets c using gone where c.ml_job_id = gone.id;
  return null;
end
$$;
create trigger targets_go_along after delete on ml_jobs
  referencing old table as gone for each statement execute function delete_with_jobs();
