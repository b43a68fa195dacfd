-- Several kinds of ML jobs for one content, at several providers, and models side by side: the key of a content no longer depends
-- on who looks at it, and a job is one kind by one model.

create table content_salts (
  of   text primary key check (of in ('text', 'picture')),
  salt text not null
);
comment on table content_salts is 'What the keys of contents begin with, so that contents keep the keys they had when these named a model.';
comment on column content_salts.of is 'text: title and body of a post; picture: a medium or cover.';
comment on column content_salts.salt is 'The beginning of what is hashed.';
insert into content_salts (of, salt) values
  ('text', 'text|' || coalesce((select model from ml_jobs where kind = 'text' order by id desc limit 1), '') || '|'),
  ('picture', 'image|' || coalesce((select model from ml_jobs where kind = 'image' order by id desc limit 1), '') || '|');

alter table ml_jobs
  add column provider text not null default 'ml',
  add column first_sent_at timestamptz,
  drop constraint ml_jobs_kind_check,
  add constraint ml_jobs_kind_check check (kind in ('text', 'image', 'image_text', 'nsfw')) not valid;
comment on column ml_jobs.kind is
  'text: title and body of a post; image: labels and logos of a picture; image_text: the text in it; nsfw: whether it is safe for work.';
comment on column ml_jobs.content_key is 'First 16 bytes of SHA-256 of the content; the same kind, model and content is paid for once.';
comment on column ml_jobs.provider is 'The provider that is sent the job, by its name in the settings.';
comment on column ml_jobs.first_sent_at is 'When it was taken to be sent for the first time (UTC). NULL: not yet, or by an earlier release.';
comment on column ml_jobs.sent_as is 'Key under which the provider knows it, without the attempt. NULL: one made of content, kind and model.';
drop index ml_jobs_content;
drop index ml_jobs_to_send;
drop index ml_jobs_to_ask;
create unique index ml_jobs_of_content on ml_jobs (content_key, kind, model, attempt_no);
create index ml_jobs_to_send on ml_jobs (provider, next_at, id) where status in ('planned', 'submitting');
create index ml_jobs_to_ask on ml_jobs (provider, next_at, id) where status in ('submitted', 'expired') and next_at < 'infinity';
-- Open ones are known to the provider by the key they had.
update ml_jobs set sent_as = replace(content_key::text, '-', '')
where sent_as is null and content_key is not null
  and (status in ('planned', 'submitting') or (status in ('submitted', 'expired') and next_at < 'infinity'));

alter table annotations
  drop constraint annotations_kind_check,
  add constraint annotations_kind_check check (kind in ('text', 'image', 'image_text', 'nsfw')) not valid;
comment on column annotations.kind is 'As in ml_jobs.';
-- 0032 makes this index the primary key, wherever it comes after this.
alter table annotations drop constraint if exists annotations_pkey;
drop index if exists annotations_content;
create unique index annotations_content on annotations (content_key, kind, model_version);
do $$ begin
  if not exists (select from pg_attribute where attrelid = 'annotations'::regclass and attname = 'input_key' and not attisdropped) then
    alter table annotations add constraint annotations_pkey primary key using index annotations_content;
  end if;
end $$;

-- The model is the one in use when the job is made.
alter table ml_plans add column kinds text[];
update ml_plans l set kinds = array(
  select case when exists (select from posts p where p.id = c.post_id and p.text_key = c.content_key) then 'text' else 'image' end
  from unnest(l.post_ids, l.content_keys) with ordinality c(post_id, content_key, place) order by place);
alter table ml_plans alter kinds set not null, drop column text_model, drop column image_model;
comment on column ml_plans.kinds is 'The kind of job for each content.';
comment on column ml_plans.contents is 'How many jobs these are at most.';
