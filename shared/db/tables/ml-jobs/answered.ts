import type { MlKind, Settled } from '../../../model/ml-job.ts'
import { columns } from '../../columns.ts'
import type { Db, Queryable } from '../../pool.ts'
import { type Sql, sql } from '../../sql.ts'
import { type Found, insertFinds } from '../ml-finds.ts'
import { nextAttempts, tasksOfJobs } from './attempts.ts'
import { isSameWork } from './contents.ts'

/** A job taken to be asked about. `now` is the database's time, for the pure schedule. */
export interface AskableJob {
  readonly id: string
  readonly kind: MlKind
  readonly model: string
  readonly attempt_no: number
  readonly claim_token: string
  readonly provider_job_id: string
  readonly submitted_at: Date
  readonly overdue: boolean
  /** Past its deadline and given up: asked about a while longer, should its result come late. */
  readonly expired: boolean
  /** Whether it is to be given up for good. */
  readonly is_over: boolean
  readonly resubmitted: boolean
  /** Since when the provider says that it does not know it; since when it says so while it knows others. */
  readonly unknown_at: Date | null
  readonly doubted_at: Date | null
  readonly traceparent: string | null
  readonly now: Date
}

/** Due to be asked about. */
export const isToAsk = sql`status in ('submitted', 'expired') and next_at < 'infinity' and next_at <= app_now()`
/** After its deadline a job is asked about so much longer. */
const lateFor = sql`interval '7 days'`

/** How many jobs are due to be asked a provider about, counted up to a limit, so that quota can be reserved before. */
export async function countToAsk(db: Queryable, provider: string, limit: number): Promise<number> {
  const [found] = await db.rows<{ count: number }>(sql`
    select count(*)::int as count from (
      select from ml_jobs where provider = ${provider} and ${isToAsk} limit ${limit}) due`)
  return found?.count ?? 0
}

/** Takes jobs at a provider that are due to be asked about; the time they come due again is the lease. */
export async function claimToAsk(db: Queryable, provider: string, limit: number): Promise<AskableJob[]> {
  return db.rows(sql`
    with due as (
      select id from ml_jobs where provider = ${provider} and ${isToAsk}
      order by next_at, id limit ${limit} for update skip locked
    )
    update ml_jobs j set asks = j.asks + 1, claim_token = j.claim_token + 1, next_at = app_now() + interval '90 seconds'
    from due where j.id = due.id
    returning j.id, j.kind, j.model, j.attempt_no, j.claim_token, j.provider_job_id, j.submitted_at,
      j.deadline_at <= app_now() as overdue, j.status = 'expired' as expired,
      j.deadline_at <= app_now() - ${lateFor} as is_over, j.resubmitted, j.unknown_at, j.doubted_at, app_now() as now,
      (select p.traceparent from raw_pages p where p.id = j.raw_page_id) as traceparent`)
}

/** Has a provider asked about a job of its with the next tick; one that is not known, or not open, stays as it is. */
export async function askSoon(db: Queryable, provider: string, providerJobId: string): Promise<void> {
  await db.rows(sql`
    update ml_jobs set next_at = app_now()
    where hashtext(provider_job_id) = hashtext(${providerJobId}) and provider_job_id = ${providerJobId} and provider = ${provider}
      and status in ('submitted', 'expired') and next_at > app_now() and next_at < 'infinity'`)
}

type Verdict = Omit<Settled, 'result' | 'finds' | 'again' | 'again_after_ms'>
const verdict = columns<Verdict>({
  id: 'bigint',
  claim_token: 'bigint',
  state: 'text',
  after_ms: 'float8',
  model_version: 'text',
  error: 'jsonb',
  parked: 'boolean',
  unknown: 'boolean',
  doubted: 'boolean',
})
const finalResult = columns<Pick<Settled, 'id' | 'result'>>({ id: 'bigint', result: 'jsonb' })

/**
 * Applies answers in one transaction, in id order. A final job stays as it is, so that an answer applied twice has
 * one effect; a late result of an expired job is adopted, also by the attempts made after it. Annotations are written
 * once per content and version. A further attempt is inserted in the same transaction.
 * Returns the tasks that waited.
 * @param idempotent whether the provider recognises a job that is sent again
 */
export const settleJobs = async (
  db: Db,
  settled: readonly Settled[],
  idempotent: boolean,
): Promise<string[]> =>
  settled.length === 0 ? [] : db.transaction((tx) => settleIn(tx, settled, idempotent))

/** The same within a transaction that writes more. */
export async function settleIn(
  tx: Queryable,
  settled: readonly Settled[],
  idempotent: boolean,
): Promise<string[]> {
  const changed = await tx.rows<{ id: string; state: string }>(close(settled, idempotent))
  const ids = changed.map((job) => job.id)
  const done = changed.flatMap((job) => (job.state === 'done' ? [job.id] : []))
  if (done.length > 0) await annotate(tx, settled, done)
  const adopted = done.length > 0 ? await adopt(tx, done) : []
  const again = settled.filter((job) => job.again && ids.includes(job.id))
  for (const [afterMs, group] of Map.groupBy(again, (job) => job.again_after_ms))
    await nextAttempts(
      tx,
      group.map((job) => job.id),
      { maybePaidTwice: false, afterMs },
    )
  const ended = changed.flatMap((job) => (['done', 'failed', 'expired'].includes(job.state) ? [job.id] : []))
  return tasksOfJobs(tx, [...ended, ...adopted])
}

async function annotate(tx: Queryable, settled: readonly Settled[], done: readonly string[]): Promise<void> {
  const ours = new Set(done)
  const results = new Map(settled.flatMap((one) => (ours.has(one.id) ? [[one.id, one] as const] : [])))
  const made = await tx.rows<Omit<Found, 'finds'> & { ml_job_id: string }>(sql`
    insert into annotations (content_key, kind, model_version, result, ml_job_id, is_indexed)
    select j.content_key, j.kind, j.model_version, r.result, j.id, true
    from ${finalResult.rows([...results.values()].map(({ id, result }) => ({ id, result })))}
    join ml_jobs j on j.id = r.id and j.id = any(${[...done]}::bigint[])
    order by 1, 2, 3
    on conflict do nothing returning content_key, kind, model_version, ml_job_id`)
  await insertFinds(
    tx,
    made.map(({ ml_job_id, ...key }) => ({ ...key, finds: results.get(ml_job_id)?.finds ?? [] })),
  )
}

/** Attempts made after these, which have their result now: what was not sent is not paid for. */
async function adopt(tx: Queryable, done: readonly string[]): Promise<string[]> {
  const adopted = await tx.rows<{ id: string }>(sql`
    with newer as (
      select n.id, j.model_version, j.provider_job_id from ml_jobs j
      join ml_jobs n on ${isSameWork('n', 'j')} and n.attempt_no > j.attempt_no
      where j.id = any(${[...done]}::bigint[]) and n.status in ('planned', 'submitting', 'submitted') order by n.id for update of n
    )
    update ml_jobs n set status = 'done', finished_at = app_now(), error = null, model_version = newer.model_version,
      provider_job_id = coalesce(n.provider_job_id, newer.provider_job_id),
      maybe_paid_twice = n.maybe_paid_twice or n.status <> 'planned'
    from newer where n.id = newer.id returning n.id`)
  return adopted.map((job) => job.id)
}

/** A job whose answer was taken for lost, and comes after all: what was sent in its place may still be saved. */
const isGivenUpAsLost = sql`(j.status = 'failed' and j.error ->> 'code' = 'answer_lost')`

const close = (settled: readonly Settled[], idempotent: boolean): Sql => sql`
  with r as (
    select * from ${verdict.rows(settled.map(({ result, finds, again, again_after_ms, ...rest }) => rest))}
  ), held as (
    select j.id from ml_jobs j join r on r.id = j.id
    where (j.status not in ('done', 'failed', 'cancelled') or (r.state = 'done' and ${isGivenUpAsLost}))
      and (r.state = 'done' or (j.status in ('submitted', 'expired') and j.claim_token = r.claim_token))
    order by j.id for update of j
  )
  update ml_jobs j set
    status = case when r.state = 'pending' or (j.status = 'expired' and r.state <> 'done') then j.status
      when r.state = 'resend' then 'planned' else r.state end,
    next_at = case when j.status = 'expired' and r.state not in ('pending', 'done') then 'infinity'
      else app_now() + r.after_ms * interval '1 millisecond' end,
    unknown_at = case when r.unknown then coalesce(j.unknown_at, app_now()) end,
    doubted_at = case when r.doubted then coalesce(j.doubted_at, app_now()) end,
    resubmitted = j.resubmitted or r.state = 'resend',
    maybe_paid_twice = j.maybe_paid_twice or (r.state = 'resend' and not ${idempotent}::boolean),
    model_version = case when r.state = 'done' then r.model_version end,
    error = case when j.status = 'expired' then coalesce(r.error, j.error) else r.error end, parked = coalesce(r.parked, false),
    finished_at = case when r.state in ('done', 'failed', 'expired') then app_now()
      when j.status = 'expired' then j.finished_at end
  from r, held where r.id = held.id and j.id = held.id
  returning j.id, case when j.status = 'expired' and r.state <> 'expired' then 'pending' else r.state end as state`

/** A job whose result came with the answer to sending has the provider's name of it, also when another sender has it by now. */
export const nameAnswered = (
  tx: Queryable,
  { id, provider_job_id }: { readonly id: string; readonly provider_job_id: string | null },
) =>
  tx.rows(sql`
    update ml_jobs set provider_job_id = ${provider_job_id} where id = ${id} and provider_job_id is null`)

/** Of these runs, whose jobs are named `RUN/…`, those of which a job is open, or may yet have a result. */
export async function openRuns(db: Queryable, runs: readonly string[]): Promise<readonly string[]> {
  const open = await db.rows<{ run: string }>(sql`
    select distinct split_part(provider_job_id, '/', 1) as run from ml_jobs
    where status in ('submitted', 'expired') and next_at < 'infinity'
      and split_part(provider_job_id, '/', 1) = any(${[...runs]}::text[])`)
  return open.map(({ run }) => run)
}
