-- What is known of the walks before, by the rule that sets it from now on (shared/db/finish-tasks.ts).
update accounts a set synced_at = walked.at
from (
  select t.account_id, max(t.walk_ended_at) as at from sync_tasks t
  where t.mode <> 'refresh' and t.walk_outcome in ('whole', 'partial') and t.status in ('enriching', 'done')
    and t.cursor ->> 'ended' <> 'missing'
    and not exists (select from raw_pages p where p.sync_task_id = t.id and p.status in ('parked', 'dropped'))
  group by 1
) walked
where a.id = walked.account_id and (a.synced_at is null or a.synced_at < walked.at);
