-- Posts, the history of their numbers, and what belongs to a post as a set.

create table posts (
  id                  bigint generated always as identity primary key,
  account_id          bigint not null references accounts on delete cascade,
  platform            text not null check (platform in ('instagram', 'youtube', 'tiktok')),
  native_id           text not null,
  class               text not null default 'unknown'
                      check (class in ('video', 'short_video', 'live', 'image', 'carousel', 'story', 'text', 'unknown')),
  class_source        text not null default 'api' check (class_source in ('api', 'heuristic')),
  live_state          text check (live_state in ('upcoming', 'live', 'ended')),
  title               text,
  body                text,
  permalink           text,
  lang                text,
  published_at        timestamptz not null,
  duration_ms         bigint,
  tags                jsonb,
  visibility          text check (visibility in ('public', 'unlisted', 'private')),
  is_paid_partnership boolean,
  is_ai_generated     boolean,
  made_for_kids       boolean,
  status              text not null default 'present' check (status in ('present', 'missing', 'deleted', 'private')),
  missing_since       timestamptz,
  miss_count          integer not null default 0,
  raw_page_id         bigint,
  first_seen_at       timestamptz not null default app_now(),
  changed_at          timestamptz not null default app_now(),
  unique (platform, native_id)
) with (fillfactor = 90);
create index posts_account on posts (account_id, published_at desc);

create table post_latest (
  post_id      bigint primary key references posts on delete cascade,
  observed_at  timestamptz not null,
  listing_hash text,
  detail_hash  text,
  metrics_at   timestamptz,
  views        bigint,
  likes        bigint,
  comments     bigint,
  shares       bigint,
  saves        bigint
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

create table post_metrics (
  post_id     bigint not null references posts on delete cascade,
  observed_at timestamptz not null,
  views       bigint,
  likes       bigint,
  comments    bigint,
  shares      bigint,
  saves       bigint,
  primary key (post_id, observed_at)
) partition by range (observed_at);
create table post_metrics_default partition of post_metrics default;

create table post_media (
  id             bigint generated always as identity primary key,
  post_id        bigint not null references posts on delete cascade,
  role           text not null check (role in ('primary', 'child', 'cover', 'thumbnail')),
  position       integer not null,
  native_id      text,
  kind           text not null check (kind in ('image', 'video')),
  url            text,
  url_expires_at timestamptz,
  width          integer,
  height         integer,
  duration_ms    bigint,
  unique (post_id, role, position)
);

create table post_hashtags (
  post_id  bigint not null references posts on delete cascade,
  source   text not null check (source in ('text', 'api')),
  position integer not null,
  tag      text not null,
  tag_norm text not null,
  primary key (post_id, source, position)
);
create index post_hashtags_tag on post_hashtags (tag_norm);

create table post_mentions (
  post_id     bigint not null references posts on delete cascade,
  source      text not null check (source in ('text', 'api', 'dictionary')),
  position    integer not null,
  handle      text not null,
  handle_norm text not null,
  primary key (post_id, source, position)
);
create index post_mentions_handle on post_mentions (handle_norm);

select describe('posts', 'What was published, one class model over all platforms.', '{
  "id": "Our own number of the post.",
  "account_id": "The account under which it was last seen.",
  "platform": "Where it was published.",
  "native_id": "The platform''s own id.",
  "class": "What kind of post it is; unknown: only listed yet, or not recognised.",
  "class_source": "api: told by the platform; heuristic: concluded by us.",
  "live_state": "upcoming, live or ended. NULL: no broadcast.",
  "title": "Title as received. NULL: the platform has none.",
  "body": "Description or caption as received. NULL: the platform has none.",
  "permalink": "Public link.",
  "lang": "Language told by the platform. NULL: not told.",
  "published_at": "When it was made public (UTC).",
  "duration_ms": "Length in milliseconds. NULL: no video, or not known yet.",
  "tags": "Keywords given by the author, not hashtags, as a JSON array. NULL: none.",
  "visibility": "public, unlisted or private. NULL: not told.",
  "is_paid_partnership": "Declared as paid. NULL: not told.",
  "is_ai_generated": "Declared as made by AI. NULL: not told.",
  "made_for_kids": "Declared as made for children. NULL: not told.",
  "status": "present, missing (absent once), deleted (absent twice, a day apart), private.",
  "missing_since": "When it was first absent (UTC). NULL: present.",
  "miss_count": "How often in a row it was absent.",
  "raw_page_id": "The page its fields were last written from. NULL: that page was purged.",
  "first_seen_at": "When we first saw it (UTC).",
  "changed_at": "When one of its fields last changed (UTC)."
}');
select describe('post_latest', 'What was seen of a post last: a narrow row beside each post, locked before the post is written.', '{
  "post_id": "The post.",
  "observed_at": "When the platform gave the newest answer about it (UTC); an older answer changes nothing.",
  "listing_hash": "Hash of the fields a listing delivers. NULL: never listed.",
  "detail_hash": "Hash of the fields a detailed answer delivers. NULL: only listed yet.",
  "metrics_at": "When the newest row of post_metrics was observed (UTC). NULL: none yet.",
  "views": "Newest views. NULL: hidden or not told.",
  "likes": "Newest likes. NULL: hidden or not told.",
  "comments": "Newest comments. NULL: closed or not told.",
  "shares": "Newest shares. NULL: not told.",
  "saves": "Newest saves. NULL: not told."
}');
select describe('post_metrics', 'History of the numbers of a post: append-only, a row when a number changed or a day passed; partitions by month.', '{
  "post_id": "The post.",
  "observed_at": "When the platform gave the answer (UTC).",
  "views": "Views. NULL: hidden or not told, never 0. YouTube counts otherwise since 2026-08-24.",
  "likes": "Likes. NULL: hidden or not told.",
  "comments": "Comments. NULL: closed or not told.",
  "shares": "Shares. NULL: not told.",
  "saves": "Saves. NULL: not told."
}');
select describe('post_media', 'Pictures and videos of a post.', '{
  "id": "Our own number of the medium.",
  "post_id": "The post.",
  "role": "primary, child of a carousel, cover, or thumbnail.",
  "position": "Order inside the role, from 0.",
  "native_id": "The platform''s own id. NULL: it has none.",
  "kind": "image or video.",
  "url": "Link to the file. NULL: not given.",
  "url_expires_at": "When the link stops working (UTC). NULL: it lasts.",
  "width": "Width in pixels. NULL: not told.",
  "height": "Height in pixels. NULL: not told.",
  "duration_ms": "Length in milliseconds. NULL: an image, or not told."
}');
select describe('post_hashtags', 'Hashtags of a post.', '{
  "post_id": "The post.",
  "source": "text: found in title and body; api: told by the platform.",
  "position": "Place in title, line break, body, in UTF-16 units; for api the order.",
  "tag": "As spelled, without #.",
  "tag_norm": "For comparing: NFKC, lower case, NFC."
}');
select describe('post_mentions', 'Accounts mentioned in a post.', '{
  "post_id": "The post.",
  "source": "text: @handle in title and body; api: told by the platform; dictionary: a watched name without @.",
  "position": "Place in title, line break, body, in UTF-16 units; for api the order.",
  "handle": "As spelled, without @.",
  "handle_norm": "For comparing: the platform''s normal form."
}');
