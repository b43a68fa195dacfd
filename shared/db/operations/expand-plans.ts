import { columns } from '../columns.ts'
import type { Db, Queryable } from '../pool.ts'
import { sql } from '../sql.ts'
import { bornSubmitting, type Claimed, takeMade } from '../tables/ml-jobs/sent.ts'

/** A content that a task asked for and that had a job before. */
interface Asked {
  readonly content_key: string
  readonly kind: string
  readonly model: string
  readonly sync_task_id: string
  readonly raw_page_id: string
}

type NewJob = Asked & { readonly attempt_no: number }

const newJob = columns<NewJob>({
  content_key: 'uuid',
  kind: 'text',
  model: 'text',
  sync_task_id: 'bigint',
  raw_page_id: 'bigint',
  attempt_no: 'int',
})
const wait = columns<Pick<Asked, 'content_key' | 'sync_task_id'>>({
  content_key: 'uuid',
  sync_task_id: 'bigint',
})

interface Attempt {
  readonly id: string
  readonly content_key: string
  readonly status: string
  readonly attempt_no: number
}

export interface Expanded extends Claimed {
  /** Pages whose plans were taken. */
  readonly plans: number
  /** Tasks for which no job was made, which may be complete by that. */
  readonly tasks: readonly string[]
}

/**
 * Makes the ML jobs of planned contents, of so many pages at most, the oldest first: one for each content that has none, taken
 * to be sent at once. A task whose content has one waits for that, or for a further attempt where the last was given up while
 * no post had the content. What its post has no more is skipped.
 */
export const expandPlans = (db: Db, pages: number): Promise<Expanded> =>
  db.transaction(async (tx) => {
    const found = await takePlans(tx, await holdPlans(tx, pages))
    const [first] = found
    if (!first) return { plans: 0, tasks: [], jobs: [], unwanted: [] }
    const known = found.flatMap(({ job_id, content_key, kind, ...asked }) =>
      job_id !== null || content_key === null || kind === null ? [] : [{ ...asked, content_key, kind }],
    )
    const made = found.flatMap(({ job_id }) => (job_id === null ? [] : [job_id]))
    const again = await waitFor(tx, known)
    const working = new Set(
      found.flatMap(({ job_id, sync_task_id }) => (job_id === null ? [] : [sync_task_id])),
    )
    const tasks = new Set(found.map(({ sync_task_id }) => sync_task_id).filter((id) => !working.has(id)))
    return { plans: Number(first.plans), tasks: [...tasks], ...(await takeMade(tx, [...made, ...again])) }
  })

type Found = Omit<Asked, 'content_key' | 'kind'> & {
  readonly content_key: string | null
  readonly kind: string | null
  /** The job that was made. null: the content had one, or the task has nothing left to ask for. */
  readonly job_id: string | null
  readonly plans: string
}

/** Locks the oldest plans, and their posts against deletion. */
async function holdPlans(tx: Queryable, pages: number): Promise<string[]> {
  const plans = await tx.rows<{ id: string }>(sql`
    select raw_page_id as id from ml_plans order by raw_page_id limit ${pages} for update skip locked`)
  const ids = plans.map(({ id }) => id)
  if (ids.length > 0)
    await tx.rows(sql`
      select from post_latest where post_id in (
        select unnest(post_ids) from ml_plans where raw_page_id = any(${ids}::bigint[]))
      order by post_id for key share`)
  return ids
}

/** Takes plans and makes their jobs. Returns what was asked for, and each task at least once. */
const takePlans = (tx: Queryable, pageIds: readonly string[]) =>
  tx.rows<Found>(sql`
    with taken as (
      delete from ml_plans l where l.raw_page_id = any(${[...pageIds]}::bigint[]) returning l.*
    ), planned as (
      select t.raw_page_id, t.sync_task_id, t.text_model, t.image_model, c.content_key,
        (select p.text_key = c.content_key from posts p where p.id = c.post_id) as is_text,
        exists (select from post_media m where m.post_id = c.post_id and m.content_key = c.content_key) as is_image
      from taken t cross join unnest(t.post_ids, t.content_keys) as c(post_id, content_key)
    ), asked as (
      select distinct on (content_key, sync_task_id) content_key, sync_task_id, raw_page_id,
        case when is_text then 'text' else 'image' end as kind, case when is_text then text_model else image_model end as model
      from planned where is_text or is_image order by content_key, sync_task_id, raw_page_id
    ), made as (
      insert into ml_jobs (content_key, kind, model, sync_task_id, raw_page_id, ${bornSubmitting.list})
      select distinct on (content_key) content_key, kind, model, sync_task_id, raw_page_id, ${bornSubmitting.values} from asked
      order by content_key, raw_page_id
      on conflict (content_key, attempt_no) do nothing
      returning id, content_key, sync_task_id
    )
    select a.content_key, a.kind, a.model, t.sync_task_id, coalesce(a.raw_page_id, 0) as raw_page_id,
      made.id as job_id, (select count(*) from taken) as plans
    from (select distinct sync_task_id from taken) t
    left join asked a on a.sync_task_id = t.sync_task_id
    left join made on made.content_key = a.content_key and made.sync_task_id = a.sync_task_id`)

/** Given up while no post had the content: a task that has it now gets a further attempt. */
const isLeft = ({ status, attempt_no }: Attempt) =>
  status === 'cancelled' || (status === 'expired' && attempt_no === 1)

/**
 * Lets tasks wait for the jobs of contents. The jobs are locked meanwhile, so that none is given up as unwanted; where one has
 * been, or is gone, another attempt is made. Returns these.
 */
async function waitFor(tx: Queryable, asked: readonly Asked[]): Promise<string[]> {
  const again: string[] = []
  const missing = new Map(asked.map((one) => [one.content_key, one]))
  while (missing.size > 0) {
    const newest = await lockNewest(tx, [...missing.keys()])
    const lacking: NewJob[] = []
    for (const [key, one] of missing) {
      const attempt = newest.get(key)
      if (attempt && !isLeft(attempt)) missing.delete(key)
      else lacking.push({ ...one, attempt_no: (attempt?.attempt_no ?? 0) + 1 })
    }
    for (const { id, content_key } of await makeJobs(tx, lacking)) {
      again.push(id)
      missing.delete(content_key)
    }
  }
  if (asked.length === 0) return []
  await tx.rows(sql`
    insert into ml_waits (${wait.list}) select ${wait.of('r')} from ${wait.rows(asked)}
    order by 1, 2 on conflict do nothing`)
  return again
}

async function lockNewest(tx: Queryable, keys: readonly string[]): Promise<Map<string, Attempt>> {
  const attempts = await tx.rows<Attempt>(sql`
    select id, content_key, status, attempt_no from ml_jobs where content_key = any(${[...keys]}::uuid[])
    order by id for share`)
  const newest = new Map<string, Attempt>()
  for (const attempt of attempts)
    if (attempt.attempt_no > (newest.get(attempt.content_key)?.attempt_no ?? 0))
      newest.set(attempt.content_key, attempt)
  return newest
}

/** Makes these attempts; one that another transaction makes at this moment is left to it. */
const makeJobs = async (
  tx: Queryable,
  jobs: readonly NewJob[],
): Promise<{ id: string; content_key: string }[]> =>
  jobs.length === 0
    ? []
    : tx.rows(sql`
        insert into ml_jobs (${newJob.list}, ${bornSubmitting.list}) select ${newJob.of('r')}, ${bornSubmitting.values}
        from ${newJob.rows(jobs)}
        order by r.content_key
        on conflict (content_key, attempt_no) do nothing returning id, content_key`)
