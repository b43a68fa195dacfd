alter table accounts add column synced_at timestamptz;
comment on column accounts.synced_at is
  'When its posts were last walked, with nothing of it parked (UTC). NULL: never. Freshness is told by it.';
update accounts a set synced_at = (
  select max(t.walk_ended_at) from sync_tasks t where t.account_id = a.id and t.mode <> 'refresh'
    and t.walk_outcome in ('whole', 'partial') and t.status in ('enriching', 'done') and t.reason is null);

-- What was refused or failed for good is looked at by its cause.
create index ml_jobs_failed on ml_jobs (id) where status in ('failed', 'expired');
