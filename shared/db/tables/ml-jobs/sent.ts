import type { SendableJob, SendOutcome } from '../../../model/ml-job.ts'
import { columns } from '../../columns.ts'
import type { Db, Queryable } from '../../pool.ts'
import { sql } from '../../sql.ts'
import { nextAttempts } from './attempts.ts'
import { claims, sendLease } from './claimed.ts'
import { isSameWork } from './contents.ts'

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
  unsent: 'boolean',
})

/**
 * Writes what became of sending, guarded by the token, in id order. A provider whose id for a job is that of another
 * content has mixed them up: such a job fails and waits for a person. Returns these. The other is found by its id alone: `isfinite`
 * keeps the planner, before the table is analysed, from reading all jobs that are asked about for each one.
 * @param usd price of a job that was taken; undefined: none is known
 */
export async function saveSubmits(
  db: Queryable,
  outcomes: readonly SendOutcome[],
  usd: number | undefined,
): Promise<string[]> {
  if (outcomes.length === 0) return []
  const saved = await db.rows<{ id: string; reused: boolean }>(sql`
    with given as (
      select * from ${outcome.rows(outcomes)}
    ), held as (
      select j.id, j.provider, j.content_key, j.kind, j.model from ml_jobs j join given g on g.id = j.id and g.claim_token = j.claim_token
      where j.status = 'submitting' order by j.id for update of j
    ), r as materialized (
      select g.*, g.provider_job_id is not null and (exists (
          select from ml_jobs o where hashtext(o.provider_job_id) = hashtext(g.provider_job_id)
            and o.provider_job_id = g.provider_job_id and o.provider = h.provider and not ${isSameWork('o', 'h')}
            and o.status in ('submitted', 'expired') and isfinite(o.next_at))
        or exists (
          select from given s join held i on i.id = s.id
          where s.provider_job_id = g.provider_job_id and i.provider = h.provider and not ${isSameWork('i', 'h')} and s.id < g.id)) as reused
      from given g join held h on h.id = g.id
    ), saved as (
      update ml_jobs j set
        status = case when r.reused then 'failed' else r.state end,
        attempts = j.attempts - case when r.counts then 0 else 1 end,
        first_sent_at = case when r.unsent and j.first_sent_at >= j.next_at - ${sendLease} then null else j.first_sent_at end,
        provider_job_id = case when r.reused then null else coalesce(r.provider_job_id, j.provider_job_id) end,
        next_at = app_now() + r.after_ms * interval '1 millisecond',
        error = case when r.reused then ${reused}::jsonb else r.error end, parked = r.parked or r.reused,
        submitted_at = case when r.state = 'submitted' then app_now() end,
        deadline_at = app_now() + r.deadline_ms * interval '1 millisecond',
        finished_at = case when r.reused or r.state = 'failed' then app_now() end
      from r where j.id = r.id returning j.id, r.reused
    ), ${spent(usd)}
    select id, reused from saved`)
  return saved.flatMap((job) => (job.reused ? [job.id] : []))
}

/**
 * Counts what was taken, and its price, by the day: also for a job that was cancelled, or taken over by another sender, while
 * it was being sent. One that is written twice, or was known by the same id before, is counted once; one whose result was taken over
 * from a picture that looks the same (functions/submit/alike.ts) is not.
 */
const spent = (usd: number | undefined) => sql`
  spent as (
    insert into ml_spending as s (day, provider, kind, sent, usd)
    select (app_now() at time zone 'UTC')::date, j.provider, j.kind, count(*), count(*) * ${usd ?? null}::numeric
    from given g join ml_jobs j on j.id = g.id
    where g.state = 'submitted' and j.provider_job_id is distinct from g.provider_job_id and g.provider_job_id not like 'same as %'
    group by j.provider, j.kind order by j.provider, j.kind
    on conflict (day, provider, kind) do update set sent = s.sent + excluded.sent,
      usd = case when s.usd is not null or excluded.usd is not null then coalesce(s.usd, 0) + coalesce(excluded.usd, 0) end
  )`

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
        join ${claims.rows(jobs.map(({ id, claim_token }) => ({ id, claim_token })))} on r.id = j.id and r.claim_token = j.claim_token
        where j.status = 'submitting' order by j.id for update of j
      )
      update ml_jobs j set status = 'failed', finished_at = app_now(),
        error = '{"code": "answer_lost", "message": "the answer to sending was lost"}'
      from held where j.id = held.id returning j.id`)
    await tx.rows(sql`
      insert into ml_spending as s (day, provider, kind, lost)
      select (app_now() at time zone 'UTC')::date, provider, kind, count(*) from ml_jobs
      where id = any(${lost.map((job) => job.id)}::bigint[]) group by provider, kind order by provider, kind
      on conflict (day, provider, kind) do update set lost = s.lost + excluded.lost`)
    await nextAttempts(
      tx,
      lost.map((job) => job.id),
      { maybePaidTwice: true, afterMs: 0 },
    )
  })
}
