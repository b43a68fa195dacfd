import type { MlInput, MlKind } from '../model/ml-job.ts'
import type { Db, Queryable } from './pool.ts'
import { rowsParam, type Sql, sql } from './sql.ts'

/** A job taken to be sent; `attempts` is its token. */
export interface SendableJob {
  readonly id: string
  readonly input_key: string
  readonly kind: MlKind
  readonly model: string
  readonly attempt_no: number
  readonly attempts: number
  readonly input: MlInput
  readonly traceparent: string | null
  /** An earlier sender took it and never said what became of it. */
  readonly interrupted: boolean
}

/** A text may be edited while its job is sent; what nobody waits for is not sent again. */
const nobodyWaits = sql`not exists (select from ml_job_targets t where t.ml_job_id = j.id)`

const sendLease = sql`interval '90 seconds'`

/** How many jobs are due to be sent, counted up to a limit, so that quota can be reserved before they are taken. */
export async function countToSubmit(db: Queryable, limit: number): Promise<number> {
  const [found] = await db.rows<{ count: number }>(sql`
    select count(*)::int as count from (
      select from ml_jobs where status in ('planned', 'submitting') and due_at <= app_now() limit ${limit}) due`)
  return found?.count ?? 0
}

/** Takes planned jobs that are due, and those whose sender died. */
export async function claimToSubmit(db: Queryable, limit: number): Promise<SendableJob[]> {
  const rows = await db.rows<Omit<SendableJob, 'input'> & { input: string }>(sql`
    with due as (
      select id, status from ml_jobs where status in ('planned', 'submitting') and due_at <= app_now()
      order by due_at, id limit ${limit} for update skip locked
    )
    update ml_jobs j set status = 'submitting', attempts = j.attempts + 1, due_at = app_now() + ${sendLease}
    from due where j.id = due.id
    returning j.id, j.input_key, j.kind, j.model, j.attempt_no, j.attempts, j.input, j.traceparent, due.status = 'submitting' as interrupted`)
  return rows.map((row) => ({ ...row, input: JSON.parse(row.input) as MlInput }))
}

export interface SubmitOutcome {
  readonly id: string
  readonly attempts: number
  readonly state: 'submitted' | 'planned' | 'failed'
  readonly provider_job_id: string | null
  readonly after_ms: number
  readonly deadline_ms: number | null
  readonly error: object | null
  readonly parked: boolean
  readonly counts: boolean
}

/** Writes what became of sending, guarded by the token, in id order; one statement for all. */
export async function saveSubmits(db: Queryable, outcomes: readonly SubmitOutcome[]): Promise<void> {
  if (outcomes.length === 0) return
  await db.rows(sql`
    with r as (
      select * from json_to_recordset(${rowsParam(outcomes)}::json) as r(id bigint, attempts int, state text,
        provider_job_id text, after_ms float8, deadline_ms float8, error jsonb, parked boolean, counts boolean)
    ), held as (
      select j.id from ml_jobs j join r on r.id = j.id and r.attempts = j.attempts
      where j.status = 'submitting' order by j.id for update of j
    )
    update ml_jobs j set status = case when r.state = 'planned' and ${nobodyWaits} then 'cancelled' else r.state end,
      attempts = j.attempts - case when r.counts then 0 else 1 end, provider_job_id = coalesce(r.provider_job_id, j.provider_job_id),
      due_at = app_now() + r.after_ms * interval '1 millisecond', error = r.error, parked = r.parked,
      submitted_at = case when r.state = 'submitted' then app_now() end,
      deadline_at = app_now() + r.deadline_ms * interval '1 millisecond',
      finished_at = case when r.state = 'failed' or (r.state = 'planned' and ${nobodyWaits}) then app_now() end
    from r, held where r.id = held.id and j.id = held.id`)
}

/** A job taken to be asked about. `now` is the database's time, for the pure schedule. */
export interface AskableJob {
  readonly id: string
  readonly input_key: string
  readonly kind: MlKind
  readonly model: string
  readonly attempt_no: number
  readonly asks: number
  readonly provider_job_id: string
  readonly submitted_at: Date
  readonly overdue: boolean
  readonly resubmitted: boolean
  readonly traceparent: string | null
  readonly now: Date
}

/** How many jobs are due to be asked about, counted up to a limit, so that quota can be reserved before. */
export async function countToAsk(db: Queryable, limit: number): Promise<number> {
  const [found] = await db.rows<{ count: number }>(sql`
    select count(*)::int as count from (
      select from ml_jobs where status = 'submitted' and due_at <= app_now() limit ${limit}) due`)
  return found?.count ?? 0
}

/** Takes submitted jobs that are due to be asked about; the time they come due again is the lease. */
export async function claimToAsk(db: Queryable, limit: number): Promise<AskableJob[]> {
  return db.rows(sql`
    with due as (
      select id from ml_jobs where status = 'submitted' and due_at <= app_now()
      order by due_at, id limit ${limit} for update skip locked
    )
    update ml_jobs j set asks = j.asks + 1, due_at = app_now() + interval '90 seconds'
    from due where j.id = due.id
    returning j.id, j.input_key, j.kind, j.model, j.attempt_no, j.asks, j.provider_job_id, j.submitted_at,
      j.deadline_at <= app_now() as overdue, j.resubmitted, j.traceparent, app_now() as now`)
}

/** What an answer makes of a job. `again` adds a further attempt; `resend` sends this one once more. */
export interface Settled {
  readonly id: string
  /** The ask it answers; a slower one is refused, except for a result. */
  readonly asks: number
  readonly state: 'done' | 'failed' | 'expired' | 'resend' | 'pending'
  readonly after_ms: number
  readonly model_version: string | null
  readonly result: unknown
  readonly error: object | null
  readonly parked: boolean
  readonly again: boolean
}

/**
 * Applies answers in one transaction, in id order. A final job stays as it is, so that an answer applied twice has
 * one effect; a late result of an expired job is adopted. Annotations are written once per content and version. A
 * further attempt is inserted and the targets moved to it in the same transaction. Returns the tasks that waited.
 */
export async function settleJobs(db: Db, settled: readonly Settled[]): Promise<string[]> {
  if (settled.length === 0) return []
  const rows = rowsParam(settled)
  return db.transaction(async (tx) => {
    const changed = await tx.rows<{ id: string; state: string }>(close(rows))
    const ids = changed.map((job) => job.id)
    if (settled.some((job) => job.state === 'done')) {
      await tx.rows(sql`
      insert into annotations (input_key, kind, model_version, result, ml_job_id)
      select j.input_key, j.kind, j.model_version, r.result, j.id
      from json_to_recordset(${rows}::json) as r(id bigint, result jsonb)
      join ml_jobs j on j.id = r.id and j.status = 'done' and j.id = any(${ids}::bigint[])
      order by 1, 2, 3
      on conflict do nothing`)
    }
    const again = settled.flatMap((job) => (job.again && ids.includes(job.id) ? [job.id] : []))
    await nextAttempts(tx, again, false)
    return tasksOf(
      tx,
      changed.flatMap((job) => (['done', 'failed', 'expired'].includes(job.state) ? [job.id] : [])),
    )
  })
}

const close = (rows: string): Sql => sql`
  with r as (
    select * from json_to_recordset(${rows}::json) as r(id bigint, asks int, state text, after_ms float8,
      model_version text, error jsonb, parked boolean)
  ), held as (
    select j.id from ml_jobs j join r on r.id = j.id
    where j.status not in ('done', 'failed', 'cancelled')
      and (r.state = 'done' or (j.status = 'submitted' and j.asks = r.asks))
    order by j.id for update of j
  )
  update ml_jobs j set
    status = case when r.state = 'pending' then j.status when r.state <> 'resend' then r.state
      when ${nobodyWaits} then 'cancelled' else 'planned' end,
    due_at = app_now() + r.after_ms * interval '1 millisecond',
    resubmitted = j.resubmitted or r.state = 'resend',
    model_version = case when r.state = 'done' then r.model_version end,
    error = r.error, parked = coalesce(r.parked, false),
    finished_at = case when r.state in ('done', 'failed', 'expired') or (r.state = 'resend' and ${nobodyWaits}) then app_now() end
  from r, held where r.id = held.id and j.id = held.id
  returning j.id, r.state`

/**
 * Inserts the next attempt of each job that somebody waits for and moves the targets to it; the old rows are closed by
 * the caller. Returns the attempts that were made.
 */
export async function nextAttempts(
  tx: Queryable,
  ids: readonly string[],
  maybePaidTwice: boolean,
): Promise<string[]> {
  if (ids.length === 0) return []
  const made = await tx.rows<{ id: string }>(sql`
    with next as (
      insert into ml_jobs (input_key, kind, model, attempt_no, input, traceparent, maybe_paid_twice)
      select input_key, kind, model, attempt_no + 1, input, traceparent, ${maybePaidTwice}::boolean from ml_jobs
      where id = any(${[...ids]}::bigint[]) and exists (select from ml_job_targets t where t.ml_job_id = ml_jobs.id)
      order by id
      on conflict do nothing returning id, input_key, kind, model, attempt_no
    ), moved as (
      update ml_job_targets t set ml_job_id = next.id
      from next join ml_jobs j on (j.input_key, j.kind, j.model, j.attempt_no + 1)
        = (next.input_key, next.kind, next.model, next.attempt_no)
      where t.ml_job_id = j.id
    )
    select id from next order by id`)
  return made.map((job) => job.id)
}

/**
 * For a provider that does not recognise repeats: an answer to sending was lost, so the job is closed and sent once
 * more as a new attempt, counted as maybe paid twice.
 */
export async function replaceLost(db: Db, jobs: readonly SendableJob[]): Promise<void> {
  if (jobs.length === 0) return
  await db.transaction(async (tx) => {
    const lost = await tx.rows<{ id: string }>(sql`
      with held as (
        select j.id from ml_jobs j
        join json_to_recordset(${rowsParam(jobs.map(({ id, attempts }) => ({ id, attempts })))}::json)
          as r(id bigint, attempts int) on r.id = j.id and r.attempts = j.attempts
        where j.status = 'submitting' order by j.id for update of j
      )
      update ml_jobs j set status = 'failed', finished_at = app_now(),
        error = '{"code": "answer_lost", "message": "the answer to sending was lost"}'
      from held where j.id = held.id returning j.id`)
    await nextAttempts(
      tx,
      lost.map((job) => job.id),
      true,
    )
  })
}

/** The tasks that wait for these jobs. */
async function tasksOf(tx: Queryable, jobIds: readonly string[]): Promise<string[]> {
  if (jobIds.length === 0) return []
  const tasks = await tx.rows<{ id: string }>(sql`
    select distinct sync_task_id as id from ml_job_targets where ml_job_id = any(${[...jobIds]}::bigint[])`)
  return tasks.map((task) => task.id)
}

/** Tasks whose jobs were closed by sending, for completion. */
export async function tasksOfJobs(db: Queryable, jobIds: readonly string[]): Promise<string[]> {
  return tasksOf(db, jobIds)
}
