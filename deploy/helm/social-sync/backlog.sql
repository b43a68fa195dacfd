select (select count(*) from sync_tasks
    where status in ('queued', 'waiting', 'extracting') and coalesce(lease_until, run_at) <= app_now())
  + (select count(*) from raw_pages where status = 'stored' and retry_at <= app_now())
