import { reserves } from '../../model/quota.ts'
import type { Sql } from '../sql.ts'
import { sql } from '../sql.ts'
import { isOpen } from '../tables/ml-jobs/contents.ts'
import { endsAt } from './credential-list.ts'
import { isLate } from './freshness.ts'

/** Tokens that end within so many days are an alert, unless they are renewed by themselves. */
const endingDays = 14

const nameOf = sql`coalesce('@' || a.handle, a.native_id)`

const isFollowed = sql`(a.status is distinct from 'unfollowed' and a.status is distinct from 'erased')`

const refused = sql`
  select 'token_refused' as cause, 'credential ' || c.id as subject, c.account_id, jsonb_build_object(
    'name', coalesce(${nameOf}, c.platform), 'platform', c.platform, 'reason', c.status_reason) as details
  from credentials c left join accounts a on a.id = c.account_id where c.status <> 'ok' and ${isFollowed}`

const ending = sql`
  select 'token_ending', 'credential ' || c.id, c.account_id, jsonb_build_object(
    'name', coalesce(${nameOf}, c.platform), 'platform', c.platform, 'at', ${endsAt})
  from credentials c left join accounts a on a.id = c.account_id
  where c.status = 'ok' and ${isFollowed} and ${endsAt} <= app_now() + ${endingDays} * interval '1 day'`

const appRefused = sql`
  select 'app_refused', platform || ' ' || access_mode, null::bigint, jsonb_build_object(
    'name', platform, 'platform', platform, 'reason', message, 'remedy', remedy, 'at', since)
  from app_faults`

const late = sql`
  select 'account_late', 'account ' || a.id, a.id, jsonb_build_object(
    'name', ${nameOf}, 'platform', a.platform, 'at', a.synced_at)
  from accounts a where ${isLate(sql`a`)}`

const parked = sql`
  select 'parked', w.what || ' ' || w.owner, null::bigint, jsonb_build_object('name', w.what, 'platform', w.owner, 'count', w.many) from (
    select 'pages' as what, platform as owner, count(*) as many from raw_pages where status = 'parked' group by platform
    union all select 'ml_jobs', provider, count(*) from ml_jobs where parked group by provider
    union all select 'held_deletions', platform, count(*) from posts where held_at is not null group by platform) w`

/** What is left for work by timer: the rest is for what people ask for. */
const forTimers = sql`q."limit" - floor(q."limit" * ${reserves.schedule}::float8)`
const day = sql`interval '1 day'`

/**
 * What a day has is used up for work by timer, or a platform has closed a pool for many hours: noticed in the first half of the window,
 * and lasting until the next one opens.
 */
const quota = sql`
  select distinct on (q.pool) 'quota_used_up', q.pool, null::bigint, jsonb_build_object(
    'name', q.pool, 'at', case when q.pool like '%.day' then q.window_start + ${day} else q.blocked_until end)
  from quota_windows q
  where q.pool not like 'api.%' and case when q.pool like '%.day'
      then q.window_start > app_now() - ${day} and (q.used >= ${forTimers} or q.blocked_until >= q.window_start + ${day})
      else q.blocked_until > app_now() and q.blocked_until < 'infinity' and q.blocked_until - q.window_start > interval '6 hours' end
    and (app_now() < q.window_start + interval '12 hours' or exists (
      select from alerts f where f.cause = 'quota_used_up' and f.subject = q.pool and f.over_at is null and f.fired_at >= q.window_start))
  order by q.pool, q.window_start desc`

const backlog = sql`
  select 'ml_backlog', 'jobs', null::bigint, jsonb_build_object('name', 'jobs', 'count', b.many) from (
    select count(*) as many from ml_jobs j where ${isOpen} and j.created_at < app_now() - interval '1 day') b
  where b.many > 0`

/** All that is wrong at this moment but what checks found: cause, subject, account_id, details. */
export const standing: Sql = sql`
  ${refused} union all ${ending} union all ${appRefused} union all ${late} union all ${parked} union all (${quota}) union all ${backlog}`
