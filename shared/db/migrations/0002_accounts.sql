-- Whom we follow, and what their profiles said last and over time.

create table accounts (
  id            bigint generated always as identity primary key,
  platform      text not null check (platform in ('instagram', 'youtube', 'tiktok')),
  handle        text,
  native_id     text,
  access_mode   text not null
                check (access_mode in ('public_key', 'own_oauth', 'public_discovery', 'research', 'import')),
  status        text not null default 'active'
                check (status in ('active', 'paused', 'reauth_required', 'unsupported', 'private', 'suspended',
                                  'closed', 'missing', 'erased')),
  status_reason text,
  sync_every    interval not null default '1 day' check (sync_every >= interval '1 minute'),
  next_sync_at  timestamptz not null default app_now(),
  priority      smallint not null default 0,
  watermark     timestamptz,
  whole_walk_at timestamptz,
  created_at    timestamptz not null default app_now(),
  check (handle is not null or native_id is not null or status = 'erased')
);
create unique index accounts_native_id on accounts (platform, native_id) where native_id is not null;
create unique index accounts_handle_unresolved on accounts (platform, lower(handle)) where native_id is null;
create index accounts_handle on accounts (platform, lower(handle));
create index accounts_due on accounts (platform, next_sync_at) where status in ('active', 'missing');

create table profiles (
  account_id        bigint primary key references accounts on delete cascade,
  native_id         text not null,
  handle            text,
  display_name      text,
  bio               text,
  avatar_url        text,
  avatar_expires_at timestamptz,
  website           text,
  country           text,
  is_verified       boolean,
  uploads_ref       text,
  native_created_at timestamptz,
  content_hash      text not null,
  observed_at       timestamptz not null,
  metrics_at        timestamptz,
  followers         bigint,
  following         bigint,
  posts             bigint,
  views             bigint,
  likes             bigint,
  first_seen_at     timestamptz not null default app_now()
) with (fillfactor = 70);

create table profile_metrics (
  account_id  bigint not null references accounts on delete cascade,
  observed_at timestamptz not null,
  followers   bigint,
  following   bigint,
  posts       bigint,
  views       bigint,
  likes       bigint,
  primary key (account_id, observed_at)
);

select describe('accounts', 'Whom we follow, one row per account and platform.', '{
  "id": "Our own number of the account.",
  "platform": "Where the account lives.",
  "handle": "The public name without @, as last seen. Handles change owners, so it is never a key. NULL: only the native id is known yet.",
  "native_id": "The platform''s own id of the account. NULL until the first answer of the platform names it.",
  "access_mode": "By which right we read the account; decides which calls and fields are open to us.",
  "status": "Whether the account can be synced.",
  "status_reason": "Why the status is not active, in plain words. NULL while active.",
  "sync_every": "How often the account is to be synced.",
  "next_sync_at": "When the next scheduled sync falls due (UTC); moved on when its task is created.",
  "priority": "Higher goes first when many fall due together.",
  "watermark": "Publication time of the newest post seen by the last whole walk (UTC). NULL before the first one.",
  "whole_walk_at": "When the last whole walk over all posts ended (UTC). NULL before the first one.",
  "created_at": "When we began to follow the account (UTC)."
}');
select describe('profiles', 'What an account says of itself, as on its newest answer; one row per account.', '{
  "account_id": "The account.",
  "native_id": "The platform''s own id.",
  "handle": "The public name without @. NULL: the platform gives none.",
  "display_name": "The name shown on the page.",
  "bio": "The description. NULL: none given.",
  "avatar_url": "Picture of the profile.",
  "avatar_expires_at": "When that link stops working (UTC). NULL: it lasts.",
  "website": "Link given by the account. NULL: none, or the platform does not tell.",
  "country": "Country the account names, as a two-letter code. NULL: not told.",
  "is_verified": "Whether the platform verified the account. NULL: not told.",
  "uploads_ref": "YouTube: the playlist of all uploads. NULL elsewhere.",
  "native_created_at": "When the account was made on the platform (UTC). NULL: not told.",
  "content_hash": "Hash of the descriptive fields; equal means nothing to rewrite.",
  "observed_at": "When the platform gave the newest answer (UTC).",
  "metrics_at": "When the newest row of profile_metrics was observed (UTC). NULL: none yet.",
  "followers": "Newest number of followers or subscribers. NULL: hidden or not told.",
  "following": "Newest number of accounts followed. NULL: not told.",
  "posts": "Newest number of posts. NULL: not told.",
  "views": "Newest number of views of all posts. NULL: not told.",
  "likes": "Newest number of likes of all posts. NULL: not told.",
  "first_seen_at": "When we first had the profile (UTC)."
}');
select describe('profile_metrics', 'History of the numbers of a profile: append-only, a row when a number changed or a day passed.', '{
  "account_id": "The account.",
  "observed_at": "When the platform gave the answer (UTC).",
  "followers": "Followers or subscribers; YouTube rounds them down. NULL: hidden or not told, never 0.",
  "following": "Accounts followed. NULL: not told.",
  "posts": "Posts. NULL: not told.",
  "views": "Views of all posts. NULL: not told.",
  "likes": "Likes of all posts. NULL: not told."
}');
