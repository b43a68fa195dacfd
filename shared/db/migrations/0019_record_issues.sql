-- One strange field does not cost its record: it is left out, and noted at the record.

create table record_issues (
  account_id  bigint not null references accounts on delete cascade,
  endpoint    text not null,
  native_id   text not null,
  field       text not null,
  platform    text not null,
  code        text not null,
  message     text not null,
  value       jsonb not null,
  raw_page_id bigint not null,
  first_at    timestamptz not null default app_now(),
  last_at     timestamptz not null default app_now(),
  primary key (account_id, endpoint, native_id, field)
);
comment on table record_issues is 'Fields of accepted records that are not as the platform documents them, one row per record and field. A later walk over every post that does not meet it again takes the row away.';
comment on column record_issues.account_id is 'The account of the record.';
comment on column record_issues.endpoint is 'The call whose answer held it.';
comment on column record_issues.native_id is 'The platform''s own id of the post or account.';
comment on column record_issues.field is 'Place of the field in the record, for example children.data.1.media_url.';
comment on column record_issues.platform is 'The platform.';
comment on column record_issues.code is 'new_value: kept as it is, though not known here; any other: the field is NULL in our rows.';
comment on column record_issues.message is 'What is wrong with it.';
comment on column record_issues.value is 'The value as received, or the beginning of its JSON.';
comment on column record_issues.raw_page_id is 'The page that held it last.';
comment on column record_issues.first_at is 'When it was met first (UTC).';
comment on column record_issues.last_at is 'When it was met last (UTC).';

-- Platforms add values; a new one is kept and noted.
alter table posts drop constraint posts_visibility_check;
comment on column posts.visibility is 'public, unlisted, private, or what else the platform calls it. NULL: not told.';

-- An account keeps its posts; another one that shows them too, as with posts made together, stands beside it.
create table post_appearances (
  post_id       bigint not null references posts on delete cascade,
  account_id    bigint not null references accounts on delete cascade,
  first_seen_at timestamptz not null default app_now(),
  primary key (post_id, account_id)
);
create index post_appearances_account on post_appearances (account_id);
comment on table post_appearances is 'Posts that other accounts than their owners show too.';
comment on column post_appearances.post_id is 'The post.';
comment on column post_appearances.account_id is 'An account whose answers show it, other than the owner.';
comment on column post_appearances.first_seen_at is 'When that was seen first (UTC).';
comment on column posts.account_id is 'The account that published it: the one under which it was seen first.';
