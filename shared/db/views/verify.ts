import { isOutOfTime } from '../out-of-time.ts'
import type { Queryable } from '../pool.ts'
import { raw, sql } from '../sql.ts'
import { atRest } from '../tables/at-rest.ts'
import { repeated, unlikeNewest } from '../tables/history.ts'
import { isNewest, isOpen, nothingOpen } from '../tables/ml-jobs/contents.ts'

/** An invariant of the ledger as SQL that selects its violators, each with an `id` and a `what`. */
interface Invariant {
  readonly name: string
  readonly violators: string
}

/** The invariants of the ledger; each must select nothing, at any moment between transactions. */
const invariants: readonly Invariant[] = [
  {
    name: 'every record of a page is accounted for',
    violators: `select id, endpoint as what from raw_pages where status = 'transformed'
      and records_in is distinct from normalised + unchanged + stale + duplicate + quarantined`,
  },
  {
    name: 'quarantined records are counted on their page',
    violators: `select p.id, p.quarantined::text as what from raw_pages p where p.status = 'transformed'
      and p.quarantined <> (select count(*) from quarantined_records q where q.raw_page_id = p.id)`,
  },
  {
    name: 'one effect per task, endpoint, walk and page',
    violators: `select min(id) as id, endpoint as what from raw_pages
      group by sync_task_id, endpoint, walk, page_no having count(*) > 1`,
  },
  {
    name: 'the cursor is never ahead of the pages kept',
    violators: `select t.id, t.cursor::text as what from sync_tasks t where t.cursor is not null
      and (t.cursor ->> 'page_no')::int + (t.cursor ->> 'lookups')::int > (
        select count(*) from raw_pages p where p.sync_task_id = t.id and p.walk = (t.cursor ->> 'walk')::int
          and not exists (select from platforms f where f.name = p.platform and p.endpoint = any(f.profile_endpoints)))`,
  },
  {
    name: 'tasks, pages and posts are of the platform of their account',
    violators: `select t.id, t.platform as what from sync_tasks t join accounts a on a.id = t.account_id where a.platform <> t.platform
      union all select p.id, p.platform from raw_pages p join accounts a on a.id = p.account_id where a.platform <> p.platform
      union all select p.id, p.platform from posts p join accounts a on a.id = p.account_id where a.platform <> p.platform`,
  },
  {
    name: 'every page that is yet to be read has its body',
    violators: `select p.id, p.endpoint as what from raw_pages p where p.status in ('stored', 'parked') and not (coalesce(p.body_until > app_now(), false)
      or exists (select from raw_bodies b where b.raw_page_id = p.id and b.fetched_on = (p.fetched_at at time zone 'UTC')::date))`,
  },
  {
    name: 'bodies outside of PostgreSQL that were given up are deleted within a day',
    violators: `select 0 as id, body_key::text as what from doomed_bodies where noted_at < app_now() - interval '1 day'`,
  },
  {
    name: 'every submitted ML job has an id of the provider',
    violators: `select id, status as what from ml_jobs where status in ('submitted', 'done') and provider_job_id is null`,
  },
  {
    name: 'one annotation per content, kind and model version',
    violators: `select min(ml_job_id) as id, content_key::text as what from annotations where content_key is not null
      group by content_key, kind, model_version having count(*) > 1`,
  },
  {
    name: 'no done ML job without an annotation',
    violators: `select j.id, j.kind as what from ml_jobs j where j.status = 'done' and j.content_key is not null
      and not exists (select from annotations a where a.content_key = j.content_key and a.kind = j.kind
        and a.model_version = j.model_version)`,
  },
  {
    name: 'no find of a model without its annotation',
    violators: `select 0 as id, f.content_key || ' ' || f.kind as what from ml_finds f where not exists (
      select from annotations a where (a.content_key, a.kind, a.model_version) = (f.content_key, f.kind, f.model_version))`,
  },
  {
    name: 'no brand is found in what is not on record, and none that is not listed',
    violators: `select brand_id as id, 'no such brand' as what from (
        select brand_id from caption_brands union select brand_id from ml_find_brands) f
      where not exists (select from brands b where b.id = f.brand_id)
      union all select f.brand_id, f.content_key::text from ml_find_brands f where not exists (
        select from annotations a where (a.content_key, a.kind, a.model_version) = (f.content_key, f.kind, f.model_version))`,
  },
  {
    name: 'no ML job is open but the newest attempt at its content',
    violators: `select j.id, j.status as what from ml_jobs j where ${isOpen.sql} and not ${isNewest.sql}`,
  },
  {
    name: 'every content of a post that a model looks at has an ML job, or a plan for one',
    violators: `select c.post_id as id, c.content_key::text as what from (
        select id as post_id, text_key as content_key from posts where text_key is not null
        union all select post_id, content_key from post_media where content_key is not null
      ) c where not exists (select from ml_jobs j where j.content_key = c.content_key
            and (j.status <> 'cancelled' or j.error ->> 'code' = 'cancelled'))
        and not exists (select from (select unnest(content_keys) as content_key from ml_plans) l where l.content_key = c.content_key)`,
  },
  {
    name: 'no two jobs wait for the same job of a provider',
    violators: `select max(id) as id, provider_job_id as what from ml_jobs where provider_job_id is not null
        and status = 'submitted'
      group by provider, provider_job_id having count(distinct (content_key, kind, model)) > 1`,
  },
  {
    name: 'no window is overspent by us',
    violators: `select used::bigint as id, pool as what from quota_windows where used > "limit"`,
  },
  {
    name: 'no post is deleted that was not missed twice',
    violators: `select p.id, p.status as what from posts p
      where p.status = 'deleted' and (p.miss_count < 2 or p.missing_since is null)`,
  },
  {
    name: 'nothing is missed or deleted but by a whole walk, or by an answer to its id',
    violators: `select p.id, p.status as what from posts p where p.missed_by is not null and p.status in ('missing', 'deleted')
      and not exists (select from sync_tasks t where t.id = p.missed_by and t.walk_outcome = 'whole')
      and not exists (select from raw_pages r where r.sync_task_id = p.missed_by and r.status = 'transformed'
        and p.native_id = any(r.asked))`,
  },
  {
    name: 'no request waits for a task that will make no further one',
    violators: `select t.id, t.status as what from sync_tasks t
      where t.status in ('enriching', 'done', 'failed', 'cancelled')
        and (t.again or exists (select from sync_job_tasks j where j.sync_task_id = t.id and j.again))`,
  },
  {
    name: 'no finished task has a page still stored',
    violators: `select t.id, t.status as what from sync_tasks t where t.status in ('done', 'failed', 'cancelled')
      and exists (select from raw_pages p where p.sync_task_id = t.id and p.status = 'stored')`,
  },
  {
    name: 'no open task has nothing open for two ticks',
    violators: `select t.id, t.status as what from sync_tasks t where t.status in ('transforming', 'enriching')
      and t.touched_at < app_now() - interval '5 minutes'
      and not exists (select from raw_pages p where p.sync_task_id = t.id and p.status = 'stored')
      and (t.status = 'transforming' or ${nothingOpen.sql})`,
  },
  {
    name: 'no row of an erased account is left',
    violators: `select a.id, a.platform as what from accounts a where a.status = 'erased' and (
      exists (select from sync_tasks t where t.account_id = a.id) or exists (select from posts p where p.account_id = a.id)
      or exists (select from profiles p where p.account_id = a.id) or exists (select from credentials c where c.account_id = a.id)
      or exists (select from raw_pages p where p.account_id = a.id)
      or exists (select from refusals f where f.account_id = a.id)
      or exists (select from record_issues i where i.account_id = a.id)
      or exists (select from consents s where s.account_id = a.id and s.details <> '{}')
      or exists (select from account_days d where d.account_id = a.id)
      or exists (select from alerts l where l.account_id = a.id)
      or exists (select from post_appearances s where s.account_id = a.id) or a.handle is not null or a.native_id is not null
      or a.client_id is not null or a.brand_id is not null or a.tags <> '{}')`,
  },
  {
    name: 'no walk of an unfollowed account goes on',
    violators: `select t.id, t.status as what from sync_tasks t join accounts a on a.id = t.account_id
      where a.status = 'unfollowed' and t.status in ('queued', 'waiting', 'extracting')`,
  },
  {
    name: 'no row is in a default partition',
    violators: `select raw_page_id as id, 'raw_bodies' as what from raw_bodies_default
      union all select post_id, 'post_metrics' from post_metrics_default`,
  },
  {
    name: 'the latest numbers are those of the newest row of the history',
    violators: `${unlikeNewest('posts')} union all ${unlikeNewest('profiles')}`,
  },
  {
    name: 'no row of the history repeats the one before within a day',
    violators: `${repeated('posts')} union all ${repeated('profiles')}`,
  },
  {
    name: 'no account is set aside for good: each is looked at again within a month, or a person holds it',
    violators: `select id, status as what from accounts where status not in ${atRest.sql} and access_mode <> 'import'
      and next_sync_at > app_now() + greatest(sync_every, interval '31 days')`,
  },
  {
    name: 'an account keeps its posts: another account that shows one is noted beside it',
    violators: `select p.id, p.native_id as what from posts p join raw_pages r on r.id = p.raw_page_id
      where r.account_id <> p.account_id and not exists (
        select from post_appearances s where s.post_id = p.id and s.account_id = r.account_id)`,
  },
  {
    name: 'no watermark lies in the future',
    violators: `select id, watermark::text as what from accounts where watermark > app_now() + interval '1 day'`,
  },
  {
    name: 'every token given to a platform for renewal is settled within a day',
    violators: `select id, platform as what from credentials where status = 'ok' and renewing_since < app_now() - interval '1 day'`,
  },
  {
    name: 'no row about a post is left without it, and no post without its account',
    violators: `select c.post_id as id, c.what from (
        select post_id, 'post_latest' as what from post_latest
        union all select post_id, 'post_metrics' from post_metrics
        union all select post_id, 'post_media' from post_media
        union all select post_id, 'post_hashtags' from post_hashtags
        union all select post_id, 'post_mentions' from post_mentions
        union all select post_id, 'post_days' from post_days
      ) c where not exists (select from posts p where p.id = c.post_id)
      union all select p.id, 'posts' from posts p where not exists (select from accounts a where a.id = p.account_id)`,
  },
  {
    name: 'no plan and no wait for an ML job is left without its task, and no wait without its job',
    violators: `select raw_page_id as id, 'ml_plans' as what from ml_plans l
        where not exists (select from sync_tasks s where s.id = l.sync_task_id)
      union all select sync_task_id, content_key::text from ml_waits w
        where not exists (select from sync_tasks s where s.id = w.sync_task_id)
          or not exists (select from ml_jobs j where j.content_key = w.content_key)`,
  },
  {
    name: 'every post has its newest-seen row',
    violators: `select p.id, p.native_id as what from posts p where not exists (
      select from post_latest l where l.post_id = p.id)`,
  },
]

/** What is checked, in words. */
export const invariantNames: readonly string[] = invariants.map(({ name }) => name)

export interface Finding {
  readonly name: string
  /** Violators; null: there was no time to look. */
  readonly count: number | null
  /** Up to five violators. */
  readonly sample: readonly { readonly id: string; readonly what: string }[]
}

/** Checks every invariant while there is time; returns those that are violated or could not be checked. */
export async function verify(db: Queryable, signal?: AbortSignal): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const invariant of invariants) {
    findings.push(...(signal?.aborted ? [unchecked(invariant)] : await check(db, invariant)))
  }
  return findings
}

const unchecked = ({ name }: Invariant): Finding => ({ name, count: null, sample: [] })

async function check(db: Queryable, invariant: Invariant): Promise<Finding[]> {
  const { name, violators } = invariant
  try {
    const found = await db.rows<{ id: string; what: string; total: string }>(sql`
      select id, what, count(*) over () as total from (${raw(violators)}) v limit 5`)
    const count = Number(found[0]?.total ?? 0)
    return count > 0 ? [{ name, count, sample: found.map(({ id, what }) => ({ id, what })) }] : []
  } catch (error) {
    if (!isOutOfTime(error)) throw error
    return [unchecked(invariant)]
  }
}
