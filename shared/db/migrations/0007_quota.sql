-- One ledger of every limited right to call, and the credentials.

create table quota_windows (
  pool          text not null,
  window_start  timestamptz not null,
  used          integer not null default 0 check (used >= 0),
  "limit"       integer not null check ("limit" >= 0),
  blocked_until timestamptz not null default '-infinity',
  primary key (pool, window_start),
  check (used <= "limit")
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200);
create index quota_windows_blocked on quota_windows (pool, blocked_until) where blocked_until > '-infinity';

create table credentials (
  id                 bigint generated always as identity primary key,
  platform           text not null check (platform in ('instagram', 'youtube', 'tiktok')),
  account_id         bigint references accounts on delete cascade,
  status             text not null default 'ok' check (status in ('ok', 'reauth_required', 'revoked')),
  status_reason      text,
  sealed             bytea not null,
  access_expires_at  timestamptz,
  refresh_expires_at timestamptz,
  scopes             text[] not null default '{}',
  version            bigint not null default 1,
  lease_until        timestamptz,
  created_at         timestamptz not null default app_now()
);
create index credentials_account on credentials (account_id);

select describe('quota_windows', 'Calls reserved in each window of each limited pool, by all functions and runs together.', '{
  "pool": "What is limited, for example youtube.general.day.",
  "window_start": "When the window opened (UTC).",
  "used": "Units reserved before calling; raised when the platform says more were used.",
  "limit": "Units the window holds.",
  "blocked_until": "No call before (UTC); -infinity: not blocked. Outlives its window."
}');
select describe('credentials', 'OAuth tokens, sealed; read by the extract functions, refreshed by maintain only.', '{
  "id": "Our own number; the only thing about a credential that messages carry.",
  "platform": "Where it is valid.",
  "account_id": "The account it belongs to. NULL: it serves many.",
  "status": "ok, reauth_required (a person must log in again), revoked.",
  "status_reason": "Why it is not ok. NULL while ok.",
  "sealed": "Access and refresh token, encrypted.",
  "access_expires_at": "When the access token ends (UTC). NULL: it does not.",
  "refresh_expires_at": "When the refresh token ends (UTC). NULL: there is none.",
  "scopes": "Rights granted.",
  "version": "One higher at each refresh; a slower refresher is refused.",
  "lease_until": "Until when a refresher holds it (UTC). NULL: nobody does.",
  "created_at": "When it was stored (UTC)."
}');
