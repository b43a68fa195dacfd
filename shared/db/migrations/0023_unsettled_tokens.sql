-- A refresh token may work a single time: the row tells while nobody knows whether it has been spent.

alter table credentials
  add column renewing_since timestamptz,
  add column looks integer not null default 0,
  add column look_at timestamptz;
comment on column credentials.renewing_since is
  'Since when its refresh token has been given to the platform without new tokens stored (UTC): it may be spent. NULL: settled.';
comment on column credentials.looks is 'How often it was tried again since it was refused.';
comment on column credentials.look_at is 'When a refused one is tried again (UTC). NULL: it is not refused.';
update credentials set look_at = app_now() + interval '1 day' where status <> 'ok';
