-- What a person should hear of: what is wrong now and was before, and the channels that get messages about it.
create table alerts (
  id         bigint generated always as identity primary key,
  cause      text not null check (cause in ('token_refused', 'token_ending', 'app_refused', 'account_late', 'parked', 'quota_used_up',
    'ml_backlog', 'checks_failed')),
  subject    text not null,
  account_id bigint references accounts,
  details    jsonb not null default '{}',
  fired_at   timestamptz not null default app_now(),
  over_at    timestamptz
);
create unique index alerts_firing on alerts (cause, subject) where over_at is null;
create index alerts_account on alerts (account_id) where account_id is not null;
create index alerts_over on alerts (over_at) where over_at is not null;
comment on table alerts is 'What a person should hear of: one row per cause and subject from when it began to when it was over; kept for 90 days.';
comment on column alerts.id is 'Our own number.';
comment on column alerts.cause is
  'token_refused: a consent or token is refused; token_ending: it ends within 14 days and is not renewed by itself; app_refused: a platform refuses the app; account_late: posts of an account were not walked for twice its interval; parked: work failed for good; quota_used_up: a quota of a day was used up in its first half; ml_backlog: ML jobs are open for more than a day; checks_failed: an invariant of the ledger is violated.';
comment on column alerts.subject is 'What it is about, within its cause.';
comment on column alerts.account_id is 'The account it is about. NULL: it is about none.';
comment on column alerts.details is 'What a message says of it: names, counts, times.';
comment on column alerts.fired_at is 'When it was noticed (UTC).';
comment on column alerts.over_at is 'When it was noticed to be over (UTC). NULL: it is not.';

create table alert_events (
  id       bigint generated always as identity primary key,
  at       timestamptz not null default app_now(),
  kind     text not null check (kind in ('firing', 'over')),
  alert_id bigint not null references alerts on delete cascade
);
create index alert_events_alert on alert_events (alert_id);
comment on table alert_events is 'Beginnings and ends of alerts, in the order in which they were noticed.';
comment on column alert_events.id is 'Our own number: readers go on after the last they have.';
comment on column alert_events.at is 'When it was noticed (UTC).';
comment on column alert_events.kind is 'firing: it began; over: it ended.';
comment on column alert_events.alert_id is 'The alert.';

create table alert_channels (
  id            bigint generated always as identity primary key,
  name          text not null unique,
  kind          text not null check (kind in ('webhook', 'telegram', 'email')),
  target        text not null,
  sealed_secret bytea,
  causes        text[],
  language      text not null default 'en' check (language in ('en', 'ru')),
  created_at    timestamptz not null default app_now(),
  check ((kind = 'webhook') = (sealed_secret is not null))
);
comment on table alert_channels is 'Channels that alerts are sent to.';
comment on column alert_channels.id is 'Our own number.';
comment on column alert_channels.name is 'What it is called here.';
comment on column alert_channels.kind is 'webhook: a program; telegram: a chat with the bot of the settings; email: an address.';
comment on column alert_channels.target is 'The address of the webhook, the id of the chat, or the e-mail address.';
comment on column alert_channels.sealed_secret is 'What messages to a webhook are signed with, encrypted. NULL: it is no webhook.';
comment on column alert_channels.causes is 'Causes whose alerts the channel gets. NULL: all.';
comment on column alert_channels.language is 'The language of messages.';
comment on column alert_channels.created_at is 'When it was made (UTC).';

create table alert_messages (
  id         bigint generated always as identity primary key,
  channel_id bigint not null references alert_channels on delete cascade,
  cause      text not null,
  fired      bigint[] not null,
  over       bigint[] not null,
  key        uuid not null default gen_random_uuid(),
  created_at timestamptz not null default app_now(),
  next_at    timestamptz not null default app_now(),
  attempts   integer not null default 0,
  sent_at    timestamptz,
  failed_at  timestamptz,
  error      text
);
create index alert_messages_of on alert_messages (channel_id, cause, created_at);
create index alert_messages_due on alert_messages (next_at) where sent_at is null and failed_at is null;
comment on table alert_messages is 'Messages to channels: one for a cause, an hour apart at least; kept for 90 days.';
comment on column alert_messages.id is 'Our own number.';
comment on column alert_messages.channel_id is 'The channel that gets it.';
comment on column alert_messages.cause is 'As in alerts.';
comment on column alert_messages.fired is 'Alerts that it says have begun.';
comment on column alert_messages.over is 'Alerts that it says are over.';
comment on column alert_messages.key is 'By which a receiver knows a message that it has already.';
comment on column alert_messages.created_at is 'When it was due (UTC).';
comment on column alert_messages.next_at is 'When it is tried next, and until when one who sends it has it (UTC).';
comment on column alert_messages.attempts is 'How often it was tried.';
comment on column alert_messages.sent_at is 'When the other side took it (UTC). NULL: not yet.';
comment on column alert_messages.failed_at is 'When it was given up (UTC). NULL: it was not.';
comment on column alert_messages.error is 'Why the last try failed. NULL: none has.';

alter function grant_roles() rename to grant_roles_of_0047;
create function grant_roles() returns void
  language plpgsql
  as $$
declare
  one record;
begin
  perform grant_roles_of_0047();
  for one in
    select r.rolname, g.relation, g.rights from (values
      ('alerts', 'sync', 'select, delete'),
      ('alerts', 'transform', 'select, delete'),
      ('alert_events', 'sync', 'select'),
      ('alert_channels', 'sync', 'select, insert, delete'),
      ('alert_messages', 'sync', 'select')
    ) g (relation, stages, rights)
    cross join lateral string_to_table(g.stages, ' ') stage
    join pg_roles r on r.rolname = 'social_sync_' || stage
  loop
    execute format('grant %s on %I.%I to %I', one.rights, current_schema(), one.relation, one.rolname);
  end loop;
  if exists (select from pg_roles where rolname = 'social_sync_read') then
    revoke all on alert_channels, alert_messages from social_sync_read;
  end if;
end
$$;
comment on function grant_roles() is
  'Gives each function, social_sync_run and social_sync_read what they need, where these roles are. Called after each migration.';
comment on function grant_roles_of_0047() is 'The part of grant_roles() that is of tables up to 0047.';
revoke execute on function grant_roles(), grant_roles_of_0047() from public;
