import type { MlInput, MlKind } from '../../model/ml-job.ts'
import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { raw, sql } from '../sql.ts'

/** A job that a post deserves: its content, and who waits. */
export interface WantedJob {
  readonly input_key: string
  readonly kind: MlKind
  readonly model: string
  readonly input: MlInput
  readonly post_id: string
  readonly media_id: string | null
  readonly sync_task_id: string
  /** Trace of the page that plans it. */
  readonly traceparent: string | null
}

type Content = Pick<WantedJob, 'input_key' | 'kind' | 'model'>
type NewJob = Content & Pick<WantedJob, 'input' | 'traceparent'> & { readonly attempt_no: number }
type Waiting = Pick<WantedJob, 'input_key' | 'kind' | 'post_id' | 'media_id'>
type Target = Pick<WantedJob, 'post_id' | 'media_id' | 'sync_task_id'> & { readonly ml_job_id: string }

const content = columns<Content>({ input_key: 'text', kind: 'text', model: 'text' })
const newJob = content.and(
  columns<Omit<NewJob, keyof Content>>({ input: 'jsonb', traceparent: 'text', attempt_no: 'int' }),
)
const waiting = columns<Waiting>({ input_key: 'text', kind: 'text', post_id: 'bigint', media_id: 'bigint' })
const target = columns<Target>({
  ml_job_id: 'bigint',
  post_id: 'bigint',
  media_id: 'bigint',
  sync_task_id: 'bigint',
})

/** Jobs that posts wait for; to be read before their media are replaced, which takes targets with them. */
export async function jobsOfPosts(tx: Queryable, postIds: readonly string[]): Promise<string[]> {
  if (postIds.length === 0) return []
  const jobs = await tx.rows<{ id: string }>(sql`
    select distinct ml_job_id as id from ml_job_targets where post_id = any(${[...postIds]}::bigint[])`)
  return jobs.map((job) => job.id)
}

/** Posts whose content was rewritten, the jobs they waited for until then, and the models in use. */
export interface Rewritten {
  readonly posts: readonly string[]
  readonly jobs: readonly string[]
  readonly models: readonly string[]
}

/**
 * Plans jobs for contents never seen, and hangs every wanting post on the newest attempt of its content. Of rewritten
 * posts, targets of these models whose content the post no longer has are deleted, and a job not sent yet that no task
 * waits for is cancelled, so that it costs nothing.
 */
export async function planJobs(
  tx: Queryable,
  wanted: readonly WantedJob[],
  rewritten: Rewritten,
): Promise<void> {
  if (wanted.length === 0 && rewritten.posts.length === 0) return
  const keys = wanted.map(({ input, ...key }) => key)
  const newest = await holdJobs(tx, wanted, keys, rewritten.jobs)
  await hangTargets(
    tx,
    keys.flatMap((key) => {
      const ml_job_id = newest.get(keyOf(key))
      return ml_job_id === undefined ? [] : [{ ...key, ml_job_id }]
    }),
  )
  if (rewritten.posts.length === 0) return
  await tx.rows(sql`
    delete from ml_job_targets t using ml_jobs j
    where j.id = t.ml_job_id and t.post_id = any(${[...rewritten.posts]}::bigint[])
      and j.model = any(${[...rewritten.models]}::text[])
      and not exists (
        select from ${waiting.rows(keys)}
        where r.post_id = t.post_id and r.media_id is not distinct from t.media_id and r.kind = j.kind
          and r.input_key = j.input_key)`)
  await tx.rows(sql`
    update ml_jobs j set status = 'cancelled', finished_at = app_now()
    where j.id = any(${[...rewritten.jobs]}::bigint[]) and j.status = 'planned'
      and not exists (select from ml_job_targets t where t.ml_job_id = j.id)`)
}

const keyOf = (job: Content | Attempt) => `${job.input_key} ${job.kind} ${job.model}`

interface Attempt {
  readonly id: string
  readonly input_key: string
  readonly kind: string
  readonly model: string
  readonly status: string
  readonly attempt_no: number
}

/** Closed while no task waited for it: a task that needs the content now gets a further attempt. */
const isLeft = ({ status, attempt_no }: Attempt) =>
  status === 'cancelled' || (status === 'expired' && attempt_no === 1)

/**
 * Locks the jobs of these contents, and those that rewritten posts waited for, so that no target stays on a closed one; makes
 * the attempts that are missing or were left. Starts over if an attempt appeared before its lock. Returns the newest.
 */
async function holdJobs(
  tx: Queryable,
  wanted: readonly WantedJob[],
  keys: readonly Content[],
  waitedFor: readonly string[],
): Promise<Map<string, string>> {
  const newest = new Map<string, string>()
  const missing = new Map(wanted.map((job) => [keyOf(job), job]))
  do {
    const held = await lockJobs(tx, keys, waitedFor)
    // Nothing held, nothing there: what is made elsewhere at this moment is met when ours is made.
    const attempts = held.size > 0 ? await newestAttempts(tx, keys) : []
    const last = new Map(attempts.map((attempt) => [keyOf(attempt), attempt]))
    const ours = new Set(newest.values())
    // One made elsewhere between the two statements is not held yet.
    if ([...last.values()].some(({ id }) => !held.has(id) && !ours.has(id))) continue
    for (const [key, attempt] of last)
      if (!isLeft(attempt) && missing.delete(key)) newest.set(key, attempt.id)
    const made = await makeJobs(
      tx,
      [...missing].map(([key, job]) => ({ ...job, attempt_no: (last.get(key)?.attempt_no ?? 0) + 1 })),
    )
    for (const job of made) {
      missing.delete(keyOf(job))
      newest.set(keyOf(job), job.id)
    }
  } while (missing.size > 0)
  return newest
}

const contents = (keys: readonly Content[]) => sql`
  ${content.rows(keys)}
  join ml_jobs k on k.input_key = r.input_key and k.kind = r.kind and k.model = r.model`

/** Locks every attempt at these contents, and these jobs, in id order. */
async function lockJobs(
  tx: Queryable,
  keys: readonly Content[],
  ids: readonly string[],
): Promise<Set<string>> {
  const strength = raw(ids.length > 0 ? 'no key update' : 'share')
  const held = await tx.rows<{ id: string }>(sql`
    with wanted as (select k.id from ${contents(keys)} union select unnest(${[...ids]}::bigint[]))
    select j.id from ml_jobs j where j.id in (select id from wanted) order by j.id for ${strength} of j`)
  return new Set(held.map((job) => job.id))
}

async function newestAttempts(tx: Queryable, keys: readonly Content[]): Promise<Attempt[]> {
  return tx.rows(sql`
    select distinct on (k.input_key, k.kind, k.model) k.id, k.input_key, k.kind, k.model, k.status, k.attempt_no
    from ${contents(keys)} order by k.input_key, k.kind, k.model, k.attempt_no desc`)
}

/** Makes these attempts; one that another transaction makes at this moment is left to it. */
async function makeJobs(tx: Queryable, jobs: readonly NewJob[]): Promise<Attempt[]> {
  if (jobs.length === 0) return []
  return tx.rows(sql`
    insert into ml_jobs (${newJob.list}) select ${newJob.of('r')} from ${newJob.rows(jobs)}
    order by r.input_key, r.kind, r.model
    on conflict do nothing
    returning id, input_key, kind, model, status, attempt_no`)
}

async function hangTargets(tx: Queryable, targets: readonly Target[]): Promise<void> {
  if (targets.length === 0) return
  await tx.rows(sql`
    insert into ml_job_targets (${target.list}) select ${target.of('r')} from ${target.rows(targets)}
    order by 1, 2, 3, 4
    on conflict do nothing`)
}
