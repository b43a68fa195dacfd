-- when: select ml_is_brought_over()
--
-- Drops what was left of ML jobs with targets and inputs, once all is brought over and the release before has been replaced for
-- a month.

create or replace view post_annotations as
  select p.id as post_id, null::bigint as media_id, a.kind, j.model, a.model_version, a.result, a.created_at, a.ml_job_id
  from posts p join annotations a on a.content_key = p.text_key left join ml_jobs j on j.id = a.ml_job_id
  union all
  select m.post_id, m.id, a.kind, j.model, a.model_version, a.result, a.created_at, a.ml_job_id
  from post_media m join annotations a on a.content_key = m.content_key left join ml_jobs j on j.id = a.ml_job_id;

drop trigger bring_over on ml_jobs;
drop trigger refuse_release_before on ml_jobs;
drop trigger annotate_content on annotations;
drop trigger keep_enriching on sync_tasks;
drop trigger forget_raw on post_latest;
drop trigger dependents on posts;
drop trigger dependents on post_media;
drop trigger dependents on sync_tasks;
drop trigger dependents on ml_jobs;
drop table ml_job_targets;
drop function bring_over_content(), refuse_release_before(), annotate_content(), keep_enriching(), forget_raw(),
  bring_over_ml(integer), bring_over_ml_jobs(bigint[]), ml_is_brought_over();

create trigger dependents after delete on posts
  referencing old table as gone for each statement execute function delete_dependents(
    'post_latest c using gone where c.post_id = gone.id',
    'post_metrics c using gone where c.post_id = gone.id',
    'post_media c using gone where c.post_id = gone.id',
    'post_hashtags c using gone where c.post_id = gone.id',
    'post_mentions c using gone where c.post_id = gone.id');
create trigger dependents after delete on sync_tasks
  referencing old table as gone for each statement execute function delete_dependents(
    'ml_plans c using gone where c.sync_task_id = gone.id',
    'ml_waits c using gone where c.sync_task_id = gone.id');
create trigger dependents after delete on ml_jobs
  referencing old table as gone for each statement execute function delete_dependents(
    'ml_waits c using gone where c.content_key = gone.content_key
       and not exists (select from ml_jobs j where j.content_key = c.content_key)');

drop index ml_jobs_left;
drop index annotations_job;
alter table ml_jobs drop column input_key, drop column input, drop column due_at, drop column traceparent,
  alter column content_key set not null;
alter table annotations drop column input_key, alter column content_key set not null;
alter table annotations add constraint annotations_pkey primary key using index annotations_content;
