-- ML plans at the grain of a page, and contents by keys of 16 bytes. A page that is transformed leaves one row that names the
-- contents its posts got; `submit` makes the jobs of it. A post and a medium carry the key of their content, so that who waits
-- for a job follows from keys: targets go, and a job keeps no copy of what it is about.
--
-- This expands; bring_over_ml() moves what earlier releases wrote, part by part; 0032 drops what is left of the old form. Until
-- then code of the release before may run: it finds no job due, finishes no task too early, and where it would plan jobs it is
-- refused as if the database were away, so that it tries again and by then is replaced.

alter table posts add column text_key uuid;
alter table post_media add column content_key uuid;
create index posts_of_text on posts (text_key) where text_key is not null;
create index post_media_of_content on post_media (content_key) where content_key is not null;
comment on column posts.text_key is 'The content of title and body, as in ml_jobs. NULL: they are empty, or no ML model looks at them.';
comment on column post_media.content_key is 'The content of the picture, as in ml_jobs. NULL: no ML model looks at it.';

create table ml_plans (
  raw_page_id  bigint primary key,
  sync_task_id bigint not null,
  text_model   text not null,
  image_model  text not null,
  post_ids     bigint[] not null,
  content_keys uuid[] not null,
  contents     integer not null,
  created_at   timestamptz not null default app_now()
);
alter table ml_plans alter post_ids set storage external, alter content_keys set storage external;
create index ml_plans_task on ml_plans (sync_task_id);
comment on table ml_plans is 'Contents for which ML jobs are to be made: one row per page whose posts got them, deleted when they are made.';
comment on column ml_plans.raw_page_id is 'The page.';
comment on column ml_plans.sync_task_id is 'The task that is complete only when these jobs are final.';
comment on column ml_plans.text_model is 'The model for texts.';
comment on column ml_plans.image_model is 'The model for pictures.';
comment on column ml_plans.post_ids is 'The post of each content.';
comment on column ml_plans.content_keys is 'The contents; one that its post has no more is skipped.';
comment on column ml_plans.contents is 'How many different contents these are.';
comment on column ml_plans.created_at is 'When they were planned (UTC).';

create table ml_waits (
  content_key  uuid not null,
  sync_task_id bigint not null,
  primary key (content_key, sync_task_id)
);
create index ml_waits_task on ml_waits (sync_task_id);
comment on table ml_waits is 'Further tasks that have a content, beside the task for which its job was made.';
comment on column ml_waits.content_key is 'The content, as in ml_jobs.';
comment on column ml_waits.sync_task_id is 'The task that is complete only when the job is final.';

alter table ml_jobs
  add column content_key uuid,
  add column sync_task_id bigint,
  add column raw_page_id bigint,
  add column sent_as text,
  add column next_at timestamptz not null default 'infinity',
  alter column input_key drop not null,
  alter column input drop not null,
  alter column due_at set default 'infinity';
alter table ml_jobs alter column next_at set default app_now();
comment on column ml_jobs.content_key is 'First 16 bytes of SHA-256 of kind, model and content; the same content is paid for once.';
comment on column ml_jobs.sync_task_id is 'The task for which it was made, complete only when it is final. NULL, or a task that is gone: none waits any more.';
comment on column ml_jobs.raw_page_id is 'The page that planned it. NULL: an earlier release planned it.';
comment on column ml_jobs.sent_as is 'Key under which the provider knows it, without the attempt. NULL: its content key.';
comment on column ml_jobs.next_at is
  'When to send it, to take it over from a sender that died, or to ask about it next (UTC); infinity: an expired one is not asked about any more.';
comment on column ml_jobs.traceparent is 'W3C trace context of the page, where an earlier release planned it; read no more.';
-- Each update of an open job writes to every index that has it: what is open is found by when it is due, and another job with
-- the same id of the provider by a hash of four bytes.
drop index ml_jobs_to_submit;
drop index ml_jobs_asked;
drop index ml_jobs_open;
drop index ml_jobs_provider;
create index ml_jobs_provider on ml_jobs (hashtext(provider_job_id)) where provider_job_id is not null and status in ('submitted', 'expired');
create unique index ml_jobs_content on ml_jobs (content_key, attempt_no);
create index ml_jobs_to_send on ml_jobs (next_at, id) where status in ('planned', 'submitting');
create index ml_jobs_to_ask on ml_jobs (next_at, id) where status in ('submitted', 'expired') and next_at < 'infinity';
create index ml_jobs_task on ml_jobs (sync_task_id, status) where sync_task_id is not null;
create index ml_jobs_left on ml_jobs (id) where content_key is null;

alter table annotations drop constraint annotations_pkey, drop constraint annotations_ml_job_id_fkey;
alter table annotations alter column input_key drop not null, add column content_key uuid;
create unique index annotations_content on annotations (content_key, model_version);
comment on column annotations.content_key is 'The content, as in ml_jobs.';
comment on column annotations.ml_job_id is 'The job that brought it.';

-- Jobs of the old form to the new one, with what hangs on them.
create function bring_over_ml_jobs(ids bigint[]) returns void language plpgsql as $$
begin
  update ml_jobs j set content_key = left(j.input_key, 32)::uuid,
    sync_task_id = (select min(t.sync_task_id) from ml_job_targets t where t.ml_job_id = j.id),
    sent_as = case when j.status in ('planned', 'submitting', 'submitted', 'expired') then j.input_key end,
    next_at = j.due_at, due_at = 'infinity'
  where j.id = any(ids) and j.content_key is null;
  update annotations a set content_key = j.content_key from ml_jobs j
  where j.id = any(ids) and a.ml_job_id = j.id and a.content_key is null;
  -- A post that has another text by now, or a medium another picture, gets no key of the one before.
  update posts p set text_key = of_post.content_key from (
    select distinct on (t.post_id) t.post_id, j.content_key from ml_job_targets t join ml_jobs j on j.id = t.ml_job_id
      join posts o on o.id = t.post_id and concat_ws(E'\n', nullif(o.title, ''), nullif(o.body, '')) = j.input ->> 'text'
    where j.id = any(ids) and t.media_id is null order by t.post_id, j.id desc) of_post
  where p.id = of_post.post_id and p.text_key is null;
  update post_media m set content_key = of_medium.content_key from (
    select distinct on (t.media_id) t.media_id, t.post_id, j.content_key from ml_job_targets t join ml_jobs j on j.id = t.ml_job_id
      join post_media o on o.post_id = t.post_id and o.id = t.media_id and o.url = j.input #>> '{media,0,url}'
    where j.id = any(ids) and t.media_id is not null order by t.media_id, j.id desc) of_medium
  where m.post_id = of_medium.post_id and m.id = of_medium.media_id and m.content_key is null;
  insert into ml_waits (content_key, sync_task_id)
  select distinct j.content_key, t.sync_task_id from ml_job_targets t join ml_jobs j on j.id = t.ml_job_id
  where j.id = any(ids) and t.sync_task_id <> j.sync_task_id
  on conflict do nothing;
  delete from ml_job_targets t where t.ml_job_id = any(ids);
  update ml_jobs j set input = null where j.id = any(ids) and j.input is not null;
end
$$;
comment on function bring_over_ml_jobs(bigint[]) is 'Moves these ML jobs of an earlier release to content keys.';

create function bring_over_ml(most integer) returns integer language plpgsql as $$
declare
  -- The newest first: of several contents of a post the last one counts. All attempts at a content go together.
  ids bigint[] := array(
    select id from ml_jobs where content_key is null and input_key in (
      select input_key from ml_jobs where content_key is null order by id desc limit most));
begin
  perform bring_over_ml_jobs(ids);
  if cardinality(ids) = 0 then
    update annotations set content_key = left(input_key, 32)::uuid where content_key is null;
  end if;
  return cardinality(ids);
end
$$;
comment on function bring_over_ml(integer) is 'Moves so many ML jobs of an earlier release to content keys; returns how many there were.';

create function ml_is_brought_over() returns boolean language sql stable as $$
  select not exists (select from ml_jobs where content_key is null) and not exists (select from ml_job_targets)
    and not exists (select from annotations where content_key is null)
    and (not exists (select from accounts) or exists (
      select from schema_migrations where name = '0030_ml_plans.sql' and applied_at < clock_timestamp() - interval '30 days'))
$$;
comment on function ml_is_brought_over() is
  'Whether nothing is left of the old form, and the release before has been replaced for a month; at once where there is no account.';

-- What is open, or was asked for by a task that is, at once.
select bring_over_ml_jobs(array(
  select id from ml_jobs where status in ('planned', 'submitting', 'submitted') or parked or (status = 'expired' and due_at < 'infinity')
  union select t.ml_job_id from ml_job_targets t join sync_tasks s on s.id = t.sync_task_id
    where s.status not in ('done', 'failed', 'cancelled')));

-- The same content of the old form is brought over before a job is made for it: it is not paid for twice.
create function bring_over_content() returns trigger language plpgsql as $$
declare
  hex text := replace(new.content_key::text, '-', '');
  ids bigint[] := array(select id from ml_jobs where input_key >= hex and input_key < hex || 'g' and content_key is null);
begin
  if cardinality(ids) > 0 then perform bring_over_ml_jobs(ids); end if;
  return new;
end
$$;
comment on function bring_over_content() is 'Brings earlier jobs of a content over before another is made.';
create trigger bring_over before insert on ml_jobs for each row when (new.content_key is not null)
  execute function bring_over_content();

create function refuse_release_before() returns trigger language plpgsql as $$
begin
  raise exception 'ML jobs are planned by a newer release, which is being deployed' using errcode = 'cannot_connect_now';
end
$$;
comment on function refuse_release_before() is 'Refuses a write of the release before as if the database were away, so that it is tried again.';
create trigger refuse_release_before before insert on ml_jobs for each row when (new.content_key is null)
  execute function refuse_release_before();
create trigger refuse_release_before before insert on ml_job_targets for each row execute function refuse_release_before();

-- What the release before still writes: an answer that it had asked for, and the end of tasks whose jobs it does not see.
create function annotate_content() returns trigger language plpgsql as $$
begin
  new.content_key := (select j.content_key from ml_jobs j where j.id = new.ml_job_id);
  return new;
end
$$;
comment on function annotate_content() is 'Gives a result that the release before writes its content key.';
create trigger annotate_content before insert on annotations for each row when (new.content_key is null)
  execute function annotate_content();

create function keep_enriching() returns trigger language plpgsql as $$
begin
  if exists (select from ml_plans l where l.sync_task_id = new.id)
    or exists (select from ml_jobs j where j.sync_task_id = new.id and j.status in ('planned', 'submitting', 'submitted'))
    or exists (select from ml_waits w join ml_jobs j on j.content_key = w.content_key
      where w.sync_task_id = new.id and j.status in ('planned', 'submitting', 'submitted'))
  then return null; end if;
  return new;
end
$$;
comment on function keep_enriching() is 'Keeps the release before from finishing a task whose ML jobs it does not see.';
create trigger keep_enriching before update on sync_tasks for each row when (old.status = 'enriching' and new.status = 'done')
  execute function keep_enriching();

drop trigger dependents on sync_tasks;
create trigger dependents after delete on sync_tasks
  referencing old table as gone for each statement execute function delete_dependents(
    'ml_job_targets c using gone where c.sync_task_id = gone.id',
    'ml_plans c using gone where c.sync_task_id = gone.id',
    'ml_waits c using gone where c.sync_task_id = gone.id');
drop trigger dependents on ml_jobs;
create trigger dependents after delete on ml_jobs
  referencing old table as gone for each statement execute function delete_dependents(
    'ml_job_targets c using gone where c.ml_job_id = gone.id',
    'ml_waits c using gone where c.content_key = gone.content_key
       and not exists (select from ml_jobs j where j.content_key = c.content_key)');

drop view post_ml_mentions;
drop view post_annotations;
create view post_annotations as
  select p.id as post_id, null::bigint as media_id, a.kind, j.model, a.model_version, a.result, a.created_at, a.ml_job_id
  from posts p join annotations a on a.content_key = p.text_key left join ml_jobs j on j.id = a.ml_job_id
  union all
  select m.post_id, m.id, a.kind, j.model, a.model_version, a.result, a.created_at, a.ml_job_id
  from post_media m join annotations a on a.content_key = m.content_key left join ml_jobs j on j.id = a.ml_job_id
  union all
  select distinct on (t.post_id, t.media_id, a.kind, a.input_key, a.model_version)
    t.post_id, t.media_id, a.kind, j.model, a.model_version, a.result, a.created_at, a.ml_job_id
  from ml_job_targets t join ml_jobs j on j.id = t.ml_job_id
    join annotations a on a.input_key = j.input_key and a.kind = j.kind and a.content_key is null;
create view post_ml_mentions as
  select a.post_id, a.media_id, a.kind, a.model_version,
         brand ->> 'brand' as brand, (brand ->> 'score')::float8 as score, brand ->> 'evidence' as evidence
  from post_annotations a
  cross join jsonb_path_query(a.result, 'lax $.items[*].brands[*]') as brand;
comment on view post_annotations is 'Accepted ML results of each post, one row per post, medium and model version.';
comment on view post_ml_mentions is 'Brands that ML found in posts, one row per find; score from 0 to 1.';
