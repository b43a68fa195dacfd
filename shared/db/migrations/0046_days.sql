-- Numbers by day, which maintain counts from the history of posts and profiles, and which may outlive it; deletions as they happened;
-- by which words a brand was found. What people ask of all this stands in schema report (0047).

create table report_settings (
  is_one     boolean primary key default true check (is_one),
  time_zone  text not null default 'UTC',
  settled_to timestamptz not null default '-infinity',
  count_from timestamptz,
  count_after bigint not null default 0,
  is_rezoned boolean not null default false
);
insert into report_settings default values;
comment on table report_settings is 'One row: in which time zone days are counted, and how far that is.';
comment on column report_settings.is_one is 'Always true, so that there is one row.';
comment on column report_settings.time_zone is 'The time zone of days, as in the setting REPORT_TIME_ZONE of maintain.';
comment on column report_settings.settled_to is 'Pages that were read up to this time are in the days, or in count_from (UTC).';
comment on column report_settings.count_from is 'Numbers observed from this time on are yet to be counted (UTC). NULL: none are.';
comment on column report_settings.count_after is 'Of the part from that time on, posts up to this one are counted.';
comment on column report_settings.is_rezoned is 'What is yet to be counted was counted before, in another time zone.';

create table post_days (
  post_id         bigint not null,
  day             date not null,
  account_id      bigint not null,
  observed_at     timestamptz not null,
  gained_over     integer,
  views           bigint,
  likes           bigint,
  comments        bigint,
  shares          bigint,
  saves           bigint,
  views_gained    bigint,
  likes_gained    bigint,
  comments_gained bigint,
  shares_gained   bigint,
  saves_gained    bigint,
  primary key (post_id, day)
) with (fillfactor = 80);
create index post_days_day on post_days (day);
comment on table post_days is 'Numbers of posts by day: one row per post and day on which it was seen.';
comment on column post_days.post_id is 'The post.';
comment on column post_days.day is 'The day, in the time zone of report_settings.';
comment on column post_days.account_id is 'The account that published it.';
comment on column post_days.observed_at is 'When the last numbers of the day were observed (UTC).';
comment on column post_days.gained_over is
  'Over how many days what was gained came: 1, or more after days on which the post was not seen. NULL: it was first seen two days or more after it was published, so that when its numbers came is not known.';
comment on column post_days.views is 'Views at the end of the day. NULL: hidden or not reported, never 0.';
comment on column post_days.likes is 'Likes at the end of the day. NULL: hidden or not reported.';
comment on column post_days.comments is 'Comments at the end of the day. NULL: closed or not reported.';
comment on column post_days.shares is 'Shares at the end of the day. NULL: not reported.';
comment on column post_days.saves is 'Saves at the end of the day. NULL: not reported.';
comment on column post_days.views_gained is 'Views more than on the day it was seen before; below 0 where the platform took some back. NULL: one of the two is not known.';
comment on column post_days.likes_gained is 'The same of likes.';
comment on column post_days.comments_gained is 'The same of comments.';
comment on column post_days.shares_gained is 'The same of shares.';
comment on column post_days.saves_gained is 'The same of saves.';

create table account_days (
  account_id           bigint not null,
  day                  date not null,
  observed_at          timestamptz,
  gained_over          integer,
  followers            bigint,
  following            bigint,
  posts                bigint,
  views                bigint,
  likes                bigint,
  followers_gained     bigint,
  posts_seen           integer not null default 0,
  post_views_gained    bigint,
  post_likes_gained    bigint,
  post_comments_gained bigint,
  post_shares_gained   bigint,
  post_saves_gained    bigint,
  primary key (account_id, day)
) with (fillfactor = 80);
create index account_days_day on account_days (day);
comment on table account_days is 'Numbers of accounts by day: one row per account and day on which it or a post of it was seen.';
comment on column account_days.account_id is 'The account.';
comment on column account_days.day is 'The day, in the time zone of report_settings.';
comment on column account_days.observed_at is 'When the last numbers of the profile on that day were observed (UTC). NULL: the profile was not seen that day.';
comment on column account_days.gained_over is 'Over how many days followers_gained came: 1, or more after days on which the profile was not seen. NULL: it is the first day.';
comment on column account_days.followers is 'Followers or subscribers at the end of the day. NULL: hidden, not reported, or the profile was not seen that day.';
comment on column account_days.following is 'Accounts followed. NULL: not reported, or not seen that day.';
comment on column account_days.posts is 'Posts by the count of the platform. NULL: not reported, or not seen that day.';
comment on column account_days.views is 'Views of all posts by the count of the platform. NULL: not reported, or not seen that day.';
comment on column account_days.likes is 'Likes of all posts by the count of the platform. NULL: not reported, or not seen that day.';
comment on column account_days.followers_gained is 'Followers more than on the day the profile was seen before. NULL: one of the two is not known.';
comment on column account_days.posts_seen is 'Posts whose numbers were seen that day.';
comment on column account_days.post_views_gained is 'What those posts gained in views, summed. NULL: not known of any.';
comment on column account_days.post_likes_gained is 'The same of likes.';
comment on column account_days.post_comments_gained is 'The same of comments.';
comment on column account_days.post_shares_gained is 'The same of shares.';
comment on column account_days.post_saves_gained is 'The same of saves.';

-- By which what was observed or read since is found; rows come in the order of time, so that these are small.
create index raw_pages_settled on raw_pages using brin (settled_at) with (pages_per_range = 64, autosummarize = on);

-- What hangs on deleted posts; the trigger of earlier tables is made again by a later migration of theirs.
create trigger dependent_days after delete on posts
  referencing old table as gone for each statement execute function delete_dependents(
    'post_days c using gone where c.post_id = gone.id');
create index post_metrics_observed on post_metrics using brin (observed_at) with (pages_per_range = 64, autosummarize = on);
create index profile_metrics_observed on profile_metrics using brin (observed_at) with (pages_per_range = 64, autosummarize = on);

create table post_deletions (
  post_id      bigint not null references posts on delete cascade,
  deleted_at   timestamptz not null,
  confirmed_at timestamptz not null,
  returned_at  timestamptz,
  primary key (post_id, deleted_at)
);
create index post_deletions_at on post_deletions (deleted_at);
comment on table post_deletions is 'Posts that the platform had no more, one row each time; kept when a post comes back.';
comment on column post_deletions.post_id is 'The post.';
comment on column post_deletions.deleted_at is 'When it was first missed (UTC): it was deleted between then and the time it was seen last before.';
comment on column post_deletions.confirmed_at is 'When it was missed again a day later or more, or a person confirmed it (UTC).';
comment on column post_deletions.returned_at is 'When it was seen again (UTC). NULL: it is gone.';
insert into post_deletions (post_id, deleted_at, confirmed_at)
select id, missing_since, changed_at from posts where status = 'deleted' and missing_since is not null order by id;

-- By which words brands were found, and how sure a model was: maintain looks for all of them once more.
alter table caption_brands add column name text;
comment on column caption_brands.name is 'The name or alias that the text has. NULL: found by an earlier release; maintain fills it in.';
alter table ml_find_brands add column name text, add column score float8;
comment on column ml_find_brands.name is 'What the model wrote or read; of a name in several lines of a picture the name or alias. NULL: found by an earlier release; maintain fills it in.';
comment on column ml_find_brands.score is 'How sure the model is, from 0 to 1: of several such finds the surest. NULL: it does not say.';
update brands set posts_after = 0, finds_after = '00000000-0000-0000-0000-000000000000';

alter table retention
  add column rule text,
  drop constraint retention_field_group_check,
  add constraint retention_field_group_check check (field_group in ('raw', 'metrics', 'daily', 'content', 'pictures'));
comment on column retention.field_group is
  'raw: answers as they came, and refused records. metrics: rows of post_metrics and profile_metrics. daily: rows of post_days and account_days. content: profiles and posts that were not seen for so long; they are asked for again before. pictures: copies of pictures, counted from when they were copied, and never longer than the platform allows; 0: until their ML jobs have ended.';
comment on column retention.rule is 'What the platform says on it, and what an operator may change. NULL: nothing beyond what applies to all.';
insert into retention (platform, field_group, keep_days)
select platform, 'daily', case platform when 'youtube' then keep_days end from retention where field_group = 'metrics'
on conflict do nothing;
update retention set rule = r.rule from (values
  ('youtube', 'raw', 'Data read with a key: renewed or deleted within 30 days (Developer Policies of 2026-09-14).'),
  ('youtube', 'metrics', 'Numbers too, for 30 days; up to 36 months for who has the analytics amendment: then keep_days = 1095.'),
  ('youtube', 'daily', 'Aggregates are derived data, which need the analytics amendment: without it 30 days as the numbers themselves, with it up to 36 months (keep_days = 1095).'),
  ('youtube', 'content', 'Renewed or deleted within 30 days.'),
  ('youtube', 'pictures', 'Audiovisual content must not be downloaded.'),
  ('instagram', 'metrics', 'Kept while it is needed for what the owner agreed to; deleted on request of the owner.'),
  ('instagram', 'daily', 'As the numbers themselves: aggregates may be kept, and are deleted on request of the owner.'),
  ('instagram', 'pictures', 'Deleted when no longer needed.'),
  ('tiktok', 'metrics', 'The documents name no term; deleted on request of the owner.'),
  ('tiktok', 'daily', 'As the numbers themselves: aggregates may be kept, and are deleted on request of the owner.'),
  ('tiktok', 'pictures', 'Downloads are not allowed.')
) r (platform, field_group, rule) where (retention.platform, retention.field_group) = (r.platform, r.field_group);
