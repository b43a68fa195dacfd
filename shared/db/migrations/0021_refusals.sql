-- Whose fault a refusal is: what an account was refused with, and what the app itself is at fault for.

create table refusals (
  account_id  bigint primary key references accounts on delete cascade,
  platform    text not null,
  access_mode text not null,
  endpoint    text not null,
  code        text,
  status      text,
  looks       integer not null default 0,
  first_at    timestamptz not null,
  last_at     timestamptz not null
);
create index refusals_alike on refusals (platform, access_mode, code, first_at);
comment on table refusals is 'Accounts that are refused at present, one row per account; a good answer takes the row away.';
comment on column refusals.account_id is 'The account.';
comment on column refusals.platform is 'The platform.';
comment on column refusals.access_mode is 'By which right it was asked about.';
comment on column refusals.endpoint is 'The call that is refused; a good answer to it heals the account. Empty: any call.';
comment on column refusals.code is 'The platform''s own code of the refusal. NULL: we ourselves found it out.';
comment on column refusals.status is 'What the account is called for it, after a second look where one is due. NULL: the refusal says nothing of the account.';
comment on column refusals.looks is 'Looks since it was set aside.';
comment on column refusals.first_at is 'When it was first refused so (UTC).';
comment on column refusals.last_at is 'When it was last refused so (UTC).';

create table app_faults (
  platform    text not null,
  access_mode text not null,
  code        text not null,
  message     text not null,
  remedy      text not null,
  since       timestamptz not null default app_now(),
  last_at     timestamptz not null default app_now(),
  look_at     timestamptz not null,
  primary key (platform, access_mode)
);
comment on table app_faults is 'Access modes in which the app itself is refused: its accounts wait and keep their state until an answer is good again.';
comment on column app_faults.platform is 'The platform.';
comment on column app_faults.access_mode is 'The right by which accounts are read.';
comment on column app_faults.code is 'The platform''s own code, or config: a setting is missing.';
comment on column app_faults.message is 'What is wrong, in plain words.';
comment on column app_faults.remedy is 'What to do, in plain words.';
comment on column app_faults.since is 'Since when (UTC).';
comment on column app_faults.last_at is 'When it was last met (UTC).';
comment on column app_faults.look_at is 'When a few accounts are asked about again, to see whether it is mended (UTC).';

-- What was set aside is looked at again, ever more rarely: only what a person paused or erased is not.
create index accounts_to_look_at on accounts (platform, next_sync_at) where status not in ('paused', 'erased');
drop index accounts_due;
insert into refusals (account_id, platform, access_mode, endpoint, status, first_at, last_at)
select id, platform, access_mode, '', status, app_now(), app_now() from accounts
where status in ('reauth_required', 'unsupported', 'private', 'suspended', 'closed')
  and status_reason is distinct from 'the same account is followed already';
update accounts set next_sync_at = app_now() + interval '1 day' + id % 168 * interval '1 hour'
where status in ('reauth_required', 'unsupported', 'private', 'suspended', 'closed');
