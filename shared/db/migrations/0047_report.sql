-- What analysts and the console ask: one schema of views over the tables, without the machinery. Readers may keep views of
-- their own in a schema with the name of their role, which PostgreSQL looks in first.
create schema report;
comment on schema report is 'Numbers for people: posts, days, mentions and deletions. Views are only added to, so that what is built on them keeps working.';

create function report.today() returns date
  language sql stable parallel safe
  return (app_now() at time zone (select time_zone from report_settings))::date;
comment on function report.today() is 'Today in the time zone of report_settings, as days of the views are.';

create function report.begin_of(day date) returns timestamptz
  language sql stable parallel safe
  return day::timestamp at time zone (select time_zone from report_settings);
comment on function report.begin_of(date) is 'When a day begins in the time zone of report_settings.';

create view report.posts as
select p.id as post_id, p.platform, p.native_id, p.account_id, coalesce(a.handle, a.native_id) as account,
  a.brand_id, b.name as brand, a.client_id, c.name as client, p.class, p.title, p.body, p.permalink, p.lang, p.duration_ms,
  p.is_paid_partnership, p.status, p.published_at, p.published_at at time zone s.time_zone as published_local,
  l.metrics_at as observed_at, l.views, l.likes, l.comments, l.shares, l.saves,
  l.likes + l.comments + coalesce(l.shares, 0) + coalesce(l.saves, 0) as engagement,
  (l.likes + l.comments + coalesce(l.shares, 0) + coalesce(l.saves, 0))::float8 / nullif(l.views, 0) as engagement_rate,
  (l.likes + l.comments + coalesce(l.shares, 0) + coalesce(l.saves, 0))::float8 / nullif(f.followers, 0) as engagement_by_followers,
  case when p.status = 'deleted' then p.missing_since end as deleted_at
from posts p
cross join report_settings s
left join accounts a on a.id = p.account_id
left join brands b on b.id = a.brand_id
left join clients c on c.id = a.client_id
left join post_latest l on l.post_id = p.id
left join profiles f on f.account_id = p.account_id;
comment on view report.posts is 'One row per post, with its newest numbers.';
comment on column report.posts.post_id is 'The post, as in posts.id.';
comment on column report.posts.platform is 'Where it was published.';
comment on column report.posts.native_id is 'The platform''s own id.';
comment on column report.posts.account_id is 'The account that published it, as in accounts.id.';
comment on column report.posts.account is 'Its handle without @.';
comment on column report.posts.brand_id is 'Whose account it is, as in brands.id. NULL: of no brand.';
comment on column report.posts.brand is 'Name of that brand.';
comment on column report.posts.client_id is 'For whom the account is followed, as in clients.id. NULL: for no client.';
comment on column report.posts.client is 'Name of that client.';
comment on column report.posts.class is 'video, short_video, live, image, carousel, story, text; unknown: only listed yet, or not recognised.';
comment on column report.posts.title is 'Title as received. NULL: the platform has none.';
comment on column report.posts.body is 'Description or caption as received. NULL: there is none.';
comment on column report.posts.permalink is 'Public link.';
comment on column report.posts.lang is 'Language given by the platform. NULL: not reported.';
comment on column report.posts.duration_ms is 'Length in milliseconds. NULL: no video, or not known yet.';
comment on column report.posts.is_paid_partnership is 'Declared as paid. NULL: not reported.';
comment on column report.posts.status is 'present, missing (absent once), deleted (absent twice, a day apart), private.';
comment on column report.posts.published_at is 'When it was made public (UTC).';
comment on column report.posts.published_local is 'The same in the time zone of report_settings, without a zone.';
comment on column report.posts.observed_at is 'When its newest numbers were observed (UTC). NULL: none were yet.';
comment on column report.posts.views is 'Newest views. NULL: hidden or not reported, never 0. Instagram reports none of pictures.';
comment on column report.posts.likes is 'Newest likes. NULL: hidden or not reported.';
comment on column report.posts.comments is 'Newest comments. NULL: closed or not reported.';
comment on column report.posts.shares is 'Newest shares. NULL: not reported.';
comment on column report.posts.saves is 'Newest saves. NULL: not reported.';
comment on column report.posts.engagement is 'likes + comments + shares + saves, where shares and saves that are not reported count as 0. NULL: likes or comments are hidden.';
comment on column report.posts.engagement_rate is 'engagement / views: 0.05 is 5 %. NULL: one of the two is not known, or there are no views.';
comment on column report.posts.engagement_by_followers is 'engagement / newest followers of the account, for posts without views. NULL: one of the two is not known.';
comment on column report.posts.deleted_at is 'When it was first missed (UTC). NULL: it is not deleted.';

create view report.post_daily as
select d.day, d.day = (select report.today()) as is_partial, d.post_id, p.platform, d.account_id,
  coalesce(a.handle, a.native_id) as account, a.brand_id, b.name as brand, a.client_id, c.name as client, p.class, p.published_at,
  d.observed_at, d.gained_over, d.views, d.views_gained, d.likes, d.likes_gained, d.comments, d.comments_gained,
  d.shares, d.shares_gained, d.saves, d.saves_gained
from post_days d
left join posts p on p.id = d.post_id
left join accounts a on a.id = d.account_id
left join brands b on b.id = a.brand_id
left join clients c on c.id = a.client_id;
comment on view report.post_daily is 'Numbers of posts by day: one row per post and day that has numbers of it, with what it gained since the day before that has some. Numbers that stay the same join the history once a day.';
comment on column report.post_daily.day is 'The day, in the time zone of report_settings.';
comment on column report.post_daily.is_partial is 'It is today: the day is not over.';
comment on column report.post_daily.post_id is 'The post, as in posts.id.';
comment on column report.post_daily.platform is 'Where it was published.';
comment on column report.post_daily.account_id is 'The account that published it, as in accounts.id.';
comment on column report.post_daily.account is 'Its handle without @.';
comment on column report.post_daily.brand_id is 'Whose account it is, as in brands.id. NULL: of no brand.';
comment on column report.post_daily.brand is 'Name of that brand.';
comment on column report.post_daily.client_id is 'For whom the account is followed, as in clients.id. NULL: for no client.';
comment on column report.post_daily.client is 'Name of that client.';
comment on column report.post_daily.class is 'What kind of post it is, as in report.posts.';
comment on column report.post_daily.published_at is 'When it was made public (UTC).';
comment on column report.post_daily.observed_at is 'When the last numbers of the day were observed (UTC).';
comment on column report.post_daily.gained_over is 'Over how many days what was gained came. NULL: not known, and nothing counts as gained.';
comment on column report.post_daily.views is 'Views at the end of the day. NULL: hidden or not reported, never 0.';
comment on column report.post_daily.views_gained is 'Views more than on the day it was seen before; below 0 where the platform took some back. NULL: not known.';
comment on column report.post_daily.likes is 'Likes at the end of the day. NULL: hidden or not reported.';
comment on column report.post_daily.likes_gained is 'The same of likes.';
comment on column report.post_daily.comments is 'Comments at the end of the day. NULL: closed or not reported.';
comment on column report.post_daily.comments_gained is 'The same of comments.';
comment on column report.post_daily.shares is 'Shares at the end of the day. NULL: not reported.';
comment on column report.post_daily.shares_gained is 'The same of shares.';
comment on column report.post_daily.saves is 'Saves at the end of the day. NULL: not reported.';
comment on column report.post_daily.saves_gained is 'The same of saves.';

create view report.account_daily as
select d.day, d.day = (select report.today()) as is_partial, d.account_id, a.platform,
  coalesce(a.handle, a.native_id) as account, a.brand_id, b.name as brand, a.client_id, c.name as client, d.observed_at, d.gained_over,
  d.followers, d.followers_gained, d.following, d.posts, d.views, d.likes, (
    select count(*) from posts p where p.account_id = d.account_id
      and p.published_at >= d.day::timestamp at time zone s.time_zone
      and p.published_at < (d.day + 1)::timestamp at time zone s.time_zone) as published,
  d.posts_seen, d.post_views_gained, d.post_likes_gained, d.post_comments_gained, d.post_shares_gained, d.post_saves_gained,
  d.post_likes_gained + d.post_comments_gained + coalesce(d.post_shares_gained, 0) + coalesce(d.post_saves_gained, 0) as engagement_gained
from account_days d
cross join report_settings s
left join accounts a on a.id = d.account_id
left join brands b on b.id = a.brand_id
left join clients c on c.id = a.client_id;
comment on view report.account_daily is 'Numbers of accounts by day: one row per account and day on which it or a post of it was seen.';
comment on column report.account_daily.day is 'The day, in the time zone of report_settings.';
comment on column report.account_daily.is_partial is 'It is today: the day is not over.';
comment on column report.account_daily.account_id is 'The account, as in accounts.id.';
comment on column report.account_daily.platform is 'Where it is.';
comment on column report.account_daily.account is 'Its handle without @.';
comment on column report.account_daily.brand_id is 'Whose account it is, as in brands.id. NULL: of no brand.';
comment on column report.account_daily.brand is 'Name of that brand.';
comment on column report.account_daily.client_id is 'For whom it is followed, as in clients.id. NULL: for no client.';
comment on column report.account_daily.client is 'Name of that client.';
comment on column report.account_daily.observed_at is 'When the last numbers of the profile on that day were observed (UTC). NULL: the profile was not seen that day.';
comment on column report.account_daily.gained_over is 'Over how many days followers_gained came. NULL: it is the first day.';
comment on column report.account_daily.followers is 'Followers or subscribers at the end of the day; YouTube rounds them down. NULL: hidden, or not seen that day.';
comment on column report.account_daily.followers_gained is 'Followers more than on the day the profile was seen before. NULL: not known.';
comment on column report.account_daily.following is 'Accounts followed. NULL: not reported, or not seen that day.';
comment on column report.account_daily.posts is 'Posts by the count of the platform. NULL: not reported, or not seen that day.';
comment on column report.account_daily.views is 'Views of all posts by the count of the platform. NULL: not reported, or not seen that day.';
comment on column report.account_daily.likes is 'Likes of all posts by the count of the platform. NULL: not reported, or not seen that day.';
comment on column report.account_daily.published is 'Posts published on that day, as far as they are on record.';
comment on column report.account_daily.posts_seen is 'Posts whose numbers were seen that day: the sums that follow are over these.';
comment on column report.account_daily.post_views_gained is 'Views that its posts gained. NULL: not known of any.';
comment on column report.account_daily.post_likes_gained is 'Likes that its posts gained. NULL: not known of any.';
comment on column report.account_daily.post_comments_gained is 'Comments that its posts gained. NULL: not known of any.';
comment on column report.account_daily.post_shares_gained is 'Shares that its posts gained. NULL: not reported.';
comment on column report.account_daily.post_saves_gained is 'Saves that its posts gained. NULL: not reported.';
comment on column report.account_daily.engagement_gained is 'Likes, comments, shares and saves gained together, where shares and saves that are not reported count as 0. NULL: likes or comments are not known.';

create view report.brand_mentions as
select b.id as brand_id, b.name as brand, 'text' as source, p.id as post_id, null::bigint as media_id, f.name as evidence, null::float8 as score,
  null::text as seen_as, p.platform, p.account_id, coalesce(a.handle, a.native_id) as account, a.client_id, c.name as client,
  a.brand_id is not distinct from b.id as is_own, p.published_at, p.permalink
from brands b
join caption_brands f on f.brand_id = b.id
join posts p on p.id = f.post_id
left join accounts a on a.id = p.account_id
left join clients c on c.id = a.client_id
union all
select b.id, b.name, f.source, p.id, null, f.handle, null, null, p.platform, p.account_id, coalesce(a.handle, a.native_id), a.client_id, c.name,
  a.brand_id is not distinct from b.id, p.published_at, p.permalink
from brands b
cross join lateral (
  select m.post_id, case m.source when 'dictionary' then 'dictionary' else 'handle' end as source, min(m.handle) as handle
  from brand_handles h
  join post_mentions m on m.handle_norm = h.handle_norm
  join posts o on o.id = m.post_id and o.platform = h.platform
  where h.brand_id = b.id
  group by 1, 2
) f
join posts p on p.id = f.post_id
left join accounts a on a.id = p.account_id
left join clients c on c.id = a.client_id
union all
select b.id, b.name, 'ml_text', p.id, null, f.name, f.score, null, p.platform, p.account_id, coalesce(a.handle, a.native_id), a.client_id, c.name,
  a.brand_id is not distinct from b.id, p.published_at, p.permalink
from brands b
join ml_find_brands f on f.brand_id = b.id
join posts p on p.text_key = f.content_key
left join accounts a on a.id = p.account_id
left join clients c on c.id = a.client_id
union all
select b.id, b.name, 'ml_image', p.id, m.id, f.name, f.score, case f.what when 'text' then 'words' else 'logo' end, p.platform, p.account_id,
  coalesce(a.handle, a.native_id), a.client_id, c.name, a.brand_id is not distinct from b.id, p.published_at, p.permalink
from brands b
join ml_find_brands f on f.brand_id = b.id
join post_media m on m.content_key = f.content_key
join posts p on p.id = m.post_id
left join accounts a on a.id = p.account_id
left join clients c on c.id = a.client_id;
comment on view report.brand_mentions is
  'Where brands are mentioned: in texts, by handles, and in what models read and saw; one row per brand, post, medium and way it was found.';
comment on column report.brand_mentions.brand_id is 'The brand that is mentioned, as in brands.id.';
comment on column report.brand_mentions.brand is 'Its name.';
comment on column report.brand_mentions.source is
  'text: title or body have its name or an alias; handle: @handle in them, or a mention that the platform names; dictionary: a handle without @; ml_text: a model found it in the text; ml_image: a model found it in a picture.';
comment on column report.brand_mentions.post_id is 'The post that mentions it, as in posts.id.';
comment on column report.brand_mentions.media_id is 'The picture, as in post_media.id. NULL: it is in the text.';
comment on column report.brand_mentions.evidence is 'The words by which it was found. NULL: found by an earlier release, and not looked for again yet.';
comment on column report.brand_mentions.score is 'How sure the model is, from 0 to 1. NULL: no model said so, or it does not say.';
comment on column report.brand_mentions.seen_as is 'In a picture: words that stand in it, or a logo. NULL: it is in the text.';
comment on column report.brand_mentions.platform is 'Where the post was published.';
comment on column report.brand_mentions.account_id is 'The account that published it, as in accounts.id.';
comment on column report.brand_mentions.account is 'Its handle without @.';
comment on column report.brand_mentions.client_id is 'For whom that account is followed, as in clients.id. NULL: for no client.';
comment on column report.brand_mentions.client is 'Name of that client.';
comment on column report.brand_mentions.is_own is 'The account is one of the brand itself.';
comment on column report.brand_mentions.published_at is 'When the post was made public (UTC).';
comment on column report.brand_mentions.permalink is 'Public link of the post.';

create view report.deletions as
select d.post_id, d.deleted_at, d.confirmed_at, d.returned_at, d.deleted_at - p.published_at as lived, p.published_at, p.platform, p.native_id,
  p.account_id, coalesce(a.handle, a.native_id) as account, a.brand_id, b.name as brand, a.client_id, c.name as client, p.class, p.title, p.permalink,
  l.views, l.likes, l.comments
from post_deletions d
join posts p on p.id = d.post_id
left join accounts a on a.id = p.account_id
left join brands b on b.id = a.brand_id
left join clients c on c.id = a.client_id
left join post_latest l on l.post_id = d.post_id;
comment on view report.deletions is 'Posts that were deleted, one row each time; kept when a post comes back.';
comment on column report.deletions.post_id is 'The post, as in posts.id.';
comment on column report.deletions.deleted_at is 'When it was first missed (UTC): it was deleted between then and the time it was seen last before.';
comment on column report.deletions.confirmed_at is 'When it was missed again a day later or more, or a person confirmed it (UTC).';
comment on column report.deletions.returned_at is 'When it was seen again (UTC). NULL: it is gone.';
comment on column report.deletions.lived is 'How long after it was published it was missed.';
comment on column report.deletions.published_at is 'When it was made public (UTC).';
comment on column report.deletions.platform is 'Where it was published.';
comment on column report.deletions.native_id is 'The platform''s own id.';
comment on column report.deletions.account_id is 'The account that published it, as in accounts.id.';
comment on column report.deletions.account is 'Its handle without @.';
comment on column report.deletions.brand_id is 'Whose account it is, as in brands.id. NULL: of no brand.';
comment on column report.deletions.brand is 'Name of that brand.';
comment on column report.deletions.client_id is 'For whom the account is followed, as in clients.id. NULL: for no client.';
comment on column report.deletions.client is 'Name of that client.';
comment on column report.deletions.class is 'What kind of post it was, as in report.posts.';
comment on column report.deletions.title is 'Title as received. NULL: the platform has none.';
comment on column report.deletions.permalink is 'Public link, as it was.';
comment on column report.deletions.views is 'Last views. NULL: hidden or not reported.';
comment on column report.deletions.likes is 'Last likes. NULL: hidden or not reported.';
comment on column report.deletions.comments is 'Last comments. NULL: closed or not reported.';

alter function grant_roles() rename to grant_roles_of_0045;
create function grant_roles() returns void
  language plpgsql
  as $$
declare
  one record;
begin
  perform grant_roles_of_0045();
  for one in
    select r.rolname, g.relation, g.rights from (values
      ('account_days', 'sync', 'select, delete'),
      ('account_days', 'transform', 'delete, select (account_id)'),
      ('caption_brands', 'transform sync', 'update (name)'),
      ('ml_find_brands', 'transform poll sync', 'update (name, score)'),
      ('ml_find_brands', 'poll', 'select'),
      ('post_days', 'transform sync', 'select, delete'),
      ('post_deletions', 'extract poll', 'select, insert'),
      ('post_deletions', 'transform sync', 'select, insert, update (returned_at), delete'),
      ('post_finds', 'sync', 'select'),
      ('report_settings', 'sync', 'select')
    ) g (relation, stages, rights)
    cross join lateral string_to_table(g.stages, ' ') stage
    join pg_roles r on r.rolname = 'social_sync_' || stage or (stage = 'extract' and starts_with(r.rolname, 'social_sync_extract_'))
  loop
    execute format('grant %s on %I.%I to %I', one.rights, current_schema(), one.relation, one.rolname);
  end loop;
  for one in select rolname from pg_roles where rolname in ('social_sync_read', 'social_sync_run', 'social_sync_sync') loop
    execute format('grant usage on schema report to %I', one.rolname);
    execute format('grant select on all tables in schema report to %I', one.rolname);
  end loop;
  if exists (select from pg_roles where rolname = 'social_sync_read') then
    create schema if not exists social_sync_read;
    comment on schema social_sync_read is 'Views of those who read.';
    grant usage, create on schema social_sync_read to social_sync_read;
  end if;
end
$$;
comment on function grant_roles() is
  'Gives each function, social_sync_run and social_sync_read what they need, where these roles are. Called after each migration.';
comment on function grant_roles_of_0045() is 'The part of grant_roles() that is of tables up to 0045.';
revoke execute on function grant_roles(), grant_roles_of_0045() from public;
