-- Copies of pictures in a bucket, for ML jobs that begin when the platforms' links are dead.

create table media_copies (
  content_key uuid primary key,
  platform    text not null,
  status      text not null default 'wanted' check (status in ('wanted', 'copied', 'failed', 'doomed')),
  object      text,
  bytes       integer,
  attempts    integer not null default 0,
  next_at     timestamptz not null default app_now(),
  wanted_at   timestamptz not null default app_now(),
  copied_at   timestamptz,
  error       text,
  check ((status = 'copied') <= (object is not null and copied_at is not null))
) with (fillfactor = 80);
create index media_copies_wanted on media_copies (next_at) where status = 'wanted';
create index media_copies_doomed on media_copies (next_at) where status = 'doomed';
create index media_copies_kept on media_copies (platform, copied_at) where status = 'copied';
comment on table media_copies is 'Copies of pictures in Object Storage, one row per content; only with MEDIA_MODE=copy.';
comment on column media_copies.content_key is 'The picture, as in post_media.content_key.';
comment on column media_copies.platform is 'Whose rule says how long it may be kept.';
comment on column media_copies.status is
  'wanted: to be fetched from the platform; copied: it is in the bucket; failed: it could not be fetched; doomed: it is to be deleted from the bucket.';
comment on column media_copies.object is 'Its name in the bucket. NULL: none was made yet.';
comment on column media_copies.bytes is 'Its size. NULL: it is not copied.';
comment on column media_copies.attempts is 'How often it was tried.';
comment on column media_copies.next_at is 'When it is tried next, and until when one who tries has it (UTC).';
comment on column media_copies.wanted_at is 'Since when it is wanted (UTC); for a day its ML jobs wait for it.';
comment on column media_copies.copied_at is 'When it was copied (UTC). NULL: it is not.';
comment on column media_copies.error is 'Why it could not be fetched. NULL: no try has failed.';

alter table retention
  drop constraint retention_field_group_check,
  drop constraint retention_keep_days_check,
  add constraint retention_field_group_check check (field_group in ('raw', 'metrics', 'content', 'pictures')),
  add constraint retention_keep_days_check check (keep_days >= case field_group when 'pictures' then 0 else 7 end);
comment on column retention.field_group is
  'raw: answers as they came, and refused records. metrics: rows of post_metrics and profile_metrics. content: profiles and posts that were not seen for so long; they are asked for again before. pictures: copies of pictures, counted from when they were copied, and never longer than the platform allows; 0: until their ML jobs have ended.';
insert into retention (platform, field_group, keep_days)
select name, 'pictures', 0 from platforms on conflict do nothing;
