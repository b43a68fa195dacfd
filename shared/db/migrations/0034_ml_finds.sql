-- What models found, as rows that can be asked by name beside the results as they came.

alter table annotations add column is_indexed boolean not null default false;
comment on column annotations.is_indexed is 'What was found stands in ml_finds too; results of earlier releases are brought there in the background.';
create index annotations_left on annotations (content_key) where not is_indexed;

create table ml_finds (
  content_key   uuid not null,
  kind          text not null,
  model_version text not null,
  what          text not null check (what in ('label', 'brand', 'text', 'mention', 'sentiment', 'nsfw')),
  position      integer not null,
  name          text,
  name_norm     text,
  score         float8,
  evidence      text,
  lang          text,
  box           jsonb,
  primary key (content_key, kind, model_version, what, position),
  check ((name is null) = (what in ('sentiment', 'nsfw')))
);
create index ml_finds_name on ml_finds (what, name_norm) where what in ('label', 'brand', 'mention');
comment on table ml_finds is 'What models found in contents, one row per find; of an annotation with the same first three columns.';
comment on column ml_finds.content_key is 'The content, as in posts.text_key and post_media.content_key.';
comment on column ml_finds.kind is 'As in ml_jobs.';
comment on column ml_finds.model_version is 'The version of the model that found it.';
comment on column ml_finds.what is
  'label: what a picture shows; brand: a brand as the model calls it; text: words read in a picture; mention: an account named in a text; sentiment and nsfw: a score alone.';
comment on column ml_finds.position is 'Its place among those of its sort, from 0.';
comment on column ml_finds.name is 'As the model wrote it. NULL: of sentiment and nsfw.';
comment on column ml_finds.name_norm is 'Up to 200 letters of the name, in lower case, for comparing. NULL: as name.';
comment on column ml_finds.score is 'How sure the model is, from 0 to 1; of sentiment from -1 to 1. NULL: it does not say.';
comment on column ml_finds.evidence is 'Of a brand: text or logo. NULL: the model does not say.';
comment on column ml_finds.lang is 'Of words in a picture: their language. NULL: the model does not say.';
comment on column ml_finds.box is 'Where in the picture: left, top, width and height, each from 0 to 1. NULL: the model does not say.';

create view post_finds as
  select p.id as post_id, null::bigint as media_id, f.kind, f.model_version, f.what, f.name, f.name_norm, f.score, f.evidence, f.lang, f.box
  from posts p join ml_finds f on f.content_key = p.text_key
  union all
  select m.post_id, m.id, f.kind, f.model_version, f.what, f.name, f.name_norm, f.score, f.evidence, f.lang, f.box
  from post_media m join ml_finds f on f.content_key = m.content_key;
comment on view post_finds is 'What models found in each post, one row per post, medium and find; columns as in ml_finds.';

create or replace view post_ml_mentions as
  select post_id, media_id, kind, model_version, name as brand, score, evidence from post_finds where what = 'brand'
  union all
  select c.post_id, c.media_id, a.kind, a.model_version, brand ->> 'brand', (brand ->> 'score')::float8, brand ->> 'evidence'
  from annotations a
  join (
    select id as post_id, null::bigint as media_id, text_key as content_key from posts
    union all select post_id, id, content_key from post_media
  ) c on c.content_key = a.content_key
  cross join jsonb_path_query(a.result, 'lax $.items[*].brands[*]') as brand
  where not a.is_indexed;
