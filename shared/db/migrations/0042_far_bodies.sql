-- Raw answers may lie outside of PostgreSQL (YDB): the ledger line then names the body by a key, and what is given up is noted in
-- the transaction that gives it up, so that its deletion follows surely.
alter table raw_pages add column body_key uuid, add column body_until timestamptz;
comment on column raw_pages.body_key is 'Key of the body in YDB. NULL: it is in raw_bodies, or gone.';
comment on column raw_pages.body_until is 'When YDB may drop the body by itself (UTC), infinity: never. NULL: it is not there.';
create index raw_pages_far on raw_pages (fetched_at) where body_key is not null;
create index raw_pages_far_until on raw_pages (body_until) where body_key is not null;

create table doomed_bodies (
  body_key uuid primary key,
  noted_at timestamptz not null default app_now(),
  removing boolean not null default false
);
create index doomed_bodies_noted on doomed_bodies (noted_at);
comment on table doomed_bodies is 'Bodies in YDB that are to be deleted, unless a page takes one as its own before: one row per body, gone when its deletion is done.';
comment on column doomed_bodies.body_key is 'Key of the body.';
comment on column doomed_bodies.noted_at is 'When to delete it (UTC): when its page was deleted or its time ended; in two hours when it is being put.';
comment on column doomed_bodies.removing is 'Its deletion has begun: no page takes it any more.';

-- Whatever deletes a page gives up its body.
create function doom_bodies() returns trigger
  language plpgsql
  as $$
begin
  insert into doomed_bodies (body_key) select body_key from gone where body_key is not null on conflict do nothing;
  return null;
end
$$;
comment on function doom_bodies() is 'Notes the bodies of pages that a statement deleted, so that their deletion follows.';
do $$
begin
  execute format('alter function doom_bodies() security definer set search_path = %I, pg_temp', current_schema());
end
$$;
create trigger raw_pages_doom after delete on raw_pages
  referencing old table as gone for each statement execute function doom_bodies();
