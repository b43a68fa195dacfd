import type { MlInput, SendableJob, SendOutcome } from '../../../model/ml-job.ts'
import { columns } from '../../columns.ts'
import type { Db, Queryable } from '../../pool.ts'
import { sql } from '../../sql.ts'
import { isUnwanted, nextAttempts } from './attempts.ts'

const sendLease = sql`interval '90 seconds'`

/** Takes planned jobs that are due, and those whose sender died. */
export async function claimToSubmit(db: Queryable, limit: number): Promise<SendableJob[]> {
  const rows = await db.rows<Omit<SendableJob, 'input'> & { input: string }>(sql`
    with due as (
      select id, status from ml_jobs where status in ('planned', 'submitting') and due_at <= app_now()
      order by due_at, id limit ${limit} for update skip locked
    )
    update ml_jobs j set status = 'submitting', attempts = j.attempts + 1,
      claim_token = j.claim_token + 1, due_at = app_now() + ${sendLease}
    from due where j.id = due.id
    returning j.id, j.input_key, j.kind, j.model, j.attempt_no, j.claim_token, j.attempts, j.input, j.traceparent, due.status = 'submitting' as interrupted`)
  return rows.map((row) => ({ ...row, input: JSON.parse(row.input) as MlInput }))
}

const outcome = columns<SendOutcome>({
  id: 'bigint',
  claim_token: 'bigint',
  state: 'text',
  provider_job_id: 'text',
  after_ms: 'float8',
  deadline_ms: 'float8',
  error: 'jsonb',
  parked: 'boolean',
  counts: 'boolean',
})
const token = columns<Pick<SendableJob, 'id' | 'claim_token'>>({ id: 'bigint', claim_token: 'bigint' })

/**
 * Writes what became of sending, guarded by the token, in id order. A provider whose id for a job is that of another
 * content has mixed them up: such a job fails and waits for a person. Returns these.
 */
export async function saveSubmits(db: Queryable, outcomes: readonly SendOutcome[]): Promise<string[]> {
  if (outcomes.length === 0) return []
  const saved = await db.rows<{ id: string; reused: boolean }>(sql`
    with given as (
      select * from ${outcome.rows(outcomes)}
    ), held as (
      select j.id, j.input_key, j.kind from ml_jobs j join given g on g.id = j.id and g.claim_token = j.claim_token
      where j.status = 'submitting' order by j.id for update of j
    ), r as (
      select g.*, g.provider_job_id is not null and (exists (
          select from ml_jobs o where o.provider_job_id = g.provider_job_id and (o.input_key, o.kind) <> (h.input_key, h.kind)
            and o.status in ('submitted', 'expired') and o.due_at < 'infinity')
        or exists (
          select from given s join held i on i.id = s.id
          where s.provider_job_id = g.provider_job_id and (i.input_key, i.kind) <> (h.input_key, h.kind) and s.id < g.id)) as reused
      from given g join held h on h.id = g.id
    )
    update ml_jobs j set
      status = case when r.reused then 'failed' when r.state = 'planned' and ${isUnwanted} then 'cancelled' else r.state end,
      attempts = j.attempts - case when r.counts then 0 else 1 end,
      provider_job_id = case when r.reused then null else coalesce(r.provider_job_id, j.provider_job_id) end,
      due_at = app_now() + r.after_ms * interval '1 millisecond',
      error = case when r.reused then ${reused}::jsonb else r.error end, parked = r.parked or r.reused,
      submitted_at = case when r.state = 'submitted' then app_now() end,
      deadline_at = app_now() + r.deadline_ms * interval '1 millisecond',
      finished_at = case when r.reused or r.state = 'failed' or (r.state = 'planned' and ${isUnwanted}) then app_now() end
    from r where j.id = r.id returning j.id, r.reused`)
  return saved.flatMap((job) => (job.reused ? [job.id] : []))
}

const reused = JSON.stringify({
  code: 'job_id_reused',
  message: 'the provider gave this job the id of another one: their results cannot be distinguished',
})

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
        join ${token.rows(jobs.map(({ id, claim_token }) => ({ id, claim_token })))} on r.id = j.id and r.claim_token = j.claim_token
        where j.status = 'submitting' order by j.id for update of j
      )
      update ml_jobs j set status = 'failed', finished_at = app_now(),
        error = '{"code": "answer_lost", "message": "the answer to sending was lost"}'
      from held where j.id = held.id returning j.id`)
    await nextAttempts(
      tx,
      lost.map((job) => job.id),
      { maybePaidTwice: true, afterMs: 0 },
    )
  })
}
