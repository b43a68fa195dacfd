-- Alone in its transaction, so that the account rows are shut for a moment only.
alter table accounts add column synced_at timestamptz;
comment on column accounts.synced_at is
  'When its posts were last walked, with nothing of it parked (UTC). NULL: never. Freshness is told by it.';
