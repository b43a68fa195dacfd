-- Brands that the user asks about, and where they are named: looked for on our side, so that a new brand needs no new ML job.

create table brands (
  id            bigint generated always as identity primary key,
  name          text not null,
  name_norm     text not null unique,
  aliases       text[] not null default '{}',
  posts_after   bigint default 0,
  finds_after   uuid default '00000000-0000-0000-0000-000000000000',
  created_at    timestamptz not null default app_now(),
  changed_at    timestamptz not null default app_now()
);
comment on table brands is 'Brands that are looked for in texts of posts and in what models found.';
comment on column brands.id is 'Number of the brand here.';
comment on column brands.name is 'As it is shown.';
comment on column brands.name_norm is 'The name as it is compared: lower case, without accents, its words apart by one space.';
comment on column brands.aliases is 'Other names that mean it; whole words, in any case, with or without accents.';
comment on column brands.posts_after is 'Posts written before it was saved are looked through by id, up to this one. NULL: all are.';
comment on column brands.finds_after is 'The same for what models found, by content. NULL: all are.';
comment on column brands.created_at is 'When it was saved first (UTC).';
comment on column brands.changed_at is 'When its names changed last (UTC).';
create index brands_to_look on brands (id) where posts_after is not null or finds_after is not null;

create table caption_brands (
  post_id  bigint not null references posts on delete cascade,
  brand_id bigint not null,
  primary key (post_id, brand_id)
);
create index caption_brands_of on caption_brands (brand_id, post_id);
comment on table caption_brands is 'Brands that title or body of a post name, one row each; view post_brands has their names.';
comment on column caption_brands.post_id is 'The post.';
comment on column caption_brands.brand_id is 'The brand, as in brands.id.';

create table ml_find_brands (
  content_key   uuid not null,
  kind          text not null,
  model_version text not null,
  what          text not null check (what in ('text', 'brand')),
  brand_id      bigint not null,
  primary key (content_key, kind, model_version, what, brand_id)
);
create index ml_find_brands_of on ml_find_brands (brand_id, content_key);
comment on table ml_find_brands is 'Brands that finds of models name; of an annotation with the same first three columns.';
comment on column ml_find_brands.content_key is 'The content, as in ml_finds.';
comment on column ml_find_brands.kind is 'As in ml_finds.';
comment on column ml_find_brands.model_version is 'As in ml_finds.';
comment on column ml_find_brands.what is 'text: words read in a picture name it; brand: the model itself does.';
comment on column ml_find_brands.brand_id is 'The brand, as in brands.id.';

create view post_brands as
  select c.post_id, null::bigint as media_id, b.id as brand_id, b.name as brand, 'caption' as source, null::text as model_version
  from caption_brands c join brands b on b.id = c.brand_id
  union all
  select p.id, null, b.id, b.name, case f.what when 'text' then 'picture' else 'model' end, f.model_version
  from posts p join ml_find_brands f on f.content_key = p.text_key join brands b on b.id = f.brand_id
  union all
  select m.post_id, m.id, b.id, b.name, case f.what when 'text' then 'picture' else 'model' end, f.model_version
  from post_media m join ml_find_brands f on f.content_key = m.content_key join brands b on b.id = f.brand_id;
comment on view post_brands is
  'Which brands each post names, and where: source caption is its title or body, picture the words read in a picture of it (media_id), model what a model says itself.';
