import type { MlRoute } from '../../model/ml-job.ts'
import { columns } from '../columns.ts'
import type { Db, Queryable } from '../pool.ts'
import { type Sql, sql } from '../sql.ts'
import { type Claimed, newborn, takeMade } from '../tables/ml-jobs/claimed.ts'

/** A job that a task asked for. */
interface Asked extends MlRoute {
  readonly content_key: string
  readonly sync_task_id: string
  readonly raw_page_id: string
}

type NewJob = Asked & { readonly attempt_no: number }

const route = columns<MlRoute>({ kind: 'text', provider: 'text', model: 'text' })
const newJob = columns<Omit<NewJob, keyof MlRoute>>({
  content_key: 'uuid',
  sync_task_id: 'bigint',
  raw_page_id: 'bigint',
  attempt_no: 'int',
}).and(route)
const wait = columns<Pick<Asked, 'content_key' | 'sync_task_id'>>({
  content_key: 'uuid',
  sync_task_id: 'bigint',
})

interface Attempt extends Pick<Asked, 'content_key' | 'kind' | 'model'> {
  readonly id: string
  /** A person cancelled it. */
  readonly is_refused: boolean
  readonly status: string
  readonly attempt_no: number
}

/** The same for all attempts at a content by a model. */
const workOf = ({ content_key, kind, model }: Pick<Asked, 'content_key' | 'kind' | 'model'>) =>
  `${content_key} ${kind} ${model}`

export interface Expanded extends Claimed {
  /** Pages whose plans were taken. */
  readonly plans: number
  /** Tasks for which no job was made, which may be complete by that. */
  readonly tasks: readonly string[]
  /** Whether jobs were made for other providers. */
  readonly forOthers: boolean
}

/**
 * Makes the ML jobs of planned contents, of so many pages at most, the oldest first: one for each content that has none. Those of
 * one provider are taken to be sent at once. A kind that no provider serves stays planned for a week, and is skipped then. A task whose content has a job waits for that, or for a further attempt where the last was given up while
 * no post had the content. What its post has no more is skipped.
 */
export const expandPlans = (
  db: Db,
  routes: readonly MlRoute[],
  provider: string,
  pages: number,
): Promise<Expanded> =>
  db.transaction(async (tx) => {
    const found = await takePlans(tx, routes, provider, await holdPlans(tx, routes, pages))
    const [first] = found
    if (!first) return { plans: 0, tasks: [], forOthers: false, jobs: [], unwanted: [] }
    const known = found.flatMap(({ job_id, content_key, ...asked }) =>
      job_id !== null || content_key === null ? [] : [{ ...asked, content_key }],
    )
    const made = found.filter(({ job_id }) => job_id !== null)
    const again = await waitFor(tx, known, provider)
    const all = [...made, ...again]
    const ours = all.flatMap((job) => (job.job_id !== null && job.provider === provider ? [job.job_id] : []))
    const working = new Set(
      found.flatMap(({ job_id, sync_task_id }) => (job_id === null ? [] : [sync_task_id])),
    )
    const tasks = new Set(found.map(({ sync_task_id }) => sync_task_id).filter((id) => !working.has(id)))
    const forOthers = ours.length < all.length
    return { plans: Number(first.plans), tasks: [...tasks], forOthers, ...(await takeMade(tx, ours)) }
  })

type Found = Omit<Asked, 'content_key'> & {
  /** null: the task has nothing left to ask for. */
  readonly content_key: string | null
  /** The job that was made. null: the content had one, or there is none. */
  readonly job_id: string | null
  readonly plans: string
}

/** What no provider here serves is left so long: another release or another setting may, which is only being deployed. */
const isUnserved = (kind: Sql, routes: readonly MlRoute[]) =>
  sql`(${kind} <> all(${routes.map((one) => one.kind)}::text[]) and l.created_at > app_now() - interval '7 days')`

/** Locks the oldest plans of which there is something to make, and their posts against deletion. */
async function holdPlans(tx: Queryable, routes: readonly MlRoute[], pages: number): Promise<string[]> {
  const plans = await tx.rows<{ id: string }>(sql`
    select raw_page_id as id from ml_plans l where exists (select from unnest(l.kinds) k(kind) where not ${isUnserved(sql`k.kind`, routes)})
    order by raw_page_id limit ${pages} for update skip locked`)
  const ids = plans.map(({ id }) => id)
  if (ids.length > 0)
    await tx.rows(sql`
      select from post_latest where post_id in (
        select unnest(post_ids) from ml_plans where raw_page_id = any(${ids}::bigint[]))
      order by post_id for key share`)
  return ids
}

/** Takes plans and makes their jobs. Returns what was asked for, and each task at least once. */
function takePlans(
  tx: Queryable,
  routes: readonly MlRoute[],
  sender: string,
  pageIds: readonly string[],
): Promise<Found[]> {
  const born = newborn(sql`provider`, sender)
  return tx.rows(sql`
    with taken as (
      delete from ml_plans l where l.raw_page_id = any(${[...pageIds]}::bigint[]) returning l.*
    ), kept as (
      insert into ml_plans (raw_page_id, sync_task_id, created_at, post_ids, content_keys, kinds, contents)
      select l.raw_page_id, l.sync_task_id, l.created_at, array_agg(c.post_id), array_agg(c.content_key), array_agg(c.kind),
        count(distinct (c.content_key, c.kind))::int
      from taken l cross join unnest(l.post_ids, l.content_keys, l.kinds) as c(post_id, content_key, kind)
      where ${isUnserved(sql`c.kind`, routes)} group by 1, 2, 3
    ), planned as (
      select t.raw_page_id, t.sync_task_id, c.content_key, c.kind
      from taken t cross join unnest(t.post_ids, t.content_keys, t.kinds) as c(post_id, content_key, kind)
      where case when c.kind = 'text' then exists (select from posts p where p.id = c.post_id and p.text_key = c.content_key)
        else exists (select from post_media m where m.post_id = c.post_id and m.content_key = c.content_key) end
    ), asked as (
      select distinct on (content_key, kind, sync_task_id) content_key, sync_task_id, raw_page_id, ${route.of('r')}
      from planned join ${route.rows(routes)} using (kind) order by content_key, kind, sync_task_id, raw_page_id
    ), made as (
      insert into ml_jobs (content_key, sync_task_id, raw_page_id, ${route.list}, ${born.list})
      select distinct on (content_key, kind) content_key, sync_task_id, raw_page_id, ${route.list}, ${born.values} from asked
      order by content_key, kind, raw_page_id
      on conflict (content_key, kind, model, attempt_no) do nothing
      returning id, content_key, kind, sync_task_id
    )
    select a.content_key, ${route.of('a')}, t.sync_task_id, coalesce(a.raw_page_id, 0) as raw_page_id,
      made.id as job_id, (select count(*) from taken) as plans
    from (select distinct sync_task_id from taken) t
    left join asked a on a.sync_task_id = t.sync_task_id
    left join made on made.content_key = a.content_key and made.kind = a.kind and made.sync_task_id = a.sync_task_id`)
}

/** Given up while no post had the content: a task that has it now gets a further attempt. */
const isLeft = ({ status, attempt_no, is_refused }: Attempt) =>
  (status === 'cancelled' && !is_refused) || (status === 'expired' && attempt_no === 1)

/**
 * Lets tasks wait for the jobs of contents. The jobs are locked meanwhile, so that none is given up as unwanted; where one has
 * been, or is gone, another attempt is made. Returns these.
 */
async function waitFor(
  tx: Queryable,
  asked: readonly Asked[],
  sender: string,
): Promise<Pick<Found, 'job_id' | 'provider'>[]> {
  const again: Pick<Found, 'job_id' | 'provider'>[] = []
  const missing = new Map(asked.map((one) => [workOf(one), one]))
  while (missing.size > 0) {
    const newest = await lockNewest(tx, [...missing.values()])
    const lacking: NewJob[] = []
    for (const [work, one] of missing) {
      const attempt = newest.get(work)
      if (attempt && !isLeft(attempt)) missing.delete(work)
      else lacking.push({ ...one, attempt_no: (attempt?.attempt_no ?? 0) + 1 })
    }
    for (const job of await makeJobs(tx, lacking, sender)) {
      again.push(job)
      missing.delete(workOf(job))
    }
  }
  if (asked.length === 0) return []
  await tx.rows(sql`
    insert into ml_waits (${wait.list}) select ${wait.of('r')} from ${wait.rows(asked)}
    order by 1, 2 on conflict do nothing`)
  return again
}

async function lockNewest(tx: Queryable, asked: readonly Asked[]): Promise<Map<string, Attempt>> {
  const keys = [...new Set(asked.map(({ content_key }) => content_key))]
  const attempts = await tx.rows<Attempt>(sql`
    select id, content_key, kind, model, status, attempt_no, status = 'cancelled' and error ->> 'code' = 'cancelled' as is_refused
    from ml_jobs where content_key = any(${keys}::uuid[])
    order by id for share`)
  const newest = new Map<string, Attempt>()
  for (const attempt of attempts)
    if (attempt.attempt_no > (newest.get(workOf(attempt))?.attempt_no ?? 0))
      newest.set(workOf(attempt), attempt)
  return newest
}

/** Makes these attempts; one that another transaction makes at this moment is left to it. */
async function makeJobs(
  tx: Queryable,
  jobs: readonly NewJob[],
  sender: string,
): Promise<(MlRoute & { job_id: string; content_key: string })[]> {
  if (jobs.length === 0) return []
  const born = newborn(sql`r.provider`, sender)
  return tx.rows(sql`
    insert into ml_jobs (${newJob.list}, ${born.list}) select ${newJob.of('r')}, ${born.values} from ${newJob.rows(jobs)}
    order by r.content_key, r.kind
    on conflict (content_key, kind, model, attempt_no) do nothing returning id as job_id, content_key, ${route.list}`)
}
