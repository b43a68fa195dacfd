import { aheadOfJob, type Pace, type TaskAhead, type WorkAhead, workAheadOf } from '#shared/db/forecast.ts'
import type { Queryable } from '#shared/db/pool.ts'
import { latest, type Planned } from './forecast.ts'
import { type Weighed, weigh } from './weigh.ts'

/** When a sync will be ready, and what that hangs on. */
export interface Eta {
  /** When its profiles and posts are on record. null: they are. */
  readonly rows_at: Date | null
  /** When its ML jobs are done too. null: not known. */
  readonly ready_at: Date | null
  /** In plain words. */
  readonly because: string
}

/** Looks ahead for a request that is open; quota that has to be waited for is counted in. */
export async function etaOf(
  db: Queryable,
  jobId: string,
  lookBackDays: number,
  callsFor: (ahead: TaskAhead) => Planned['calls'] | null,
): Promise<Eta> {
  const tasks = await aheadOfJob(db, jobId, lookBackDays)
  const work = await workAheadOf(db, jobId)
  const planned = tasks.flatMap((ahead): Planned[] => {
    const calls = callsFor(ahead)
    const { has_profile: profile, listed, pending, has_listed } = ahead
    return calls ? [{ ahead, calls, done: { profile, listed, pending, has_listed } }] : []
  })
  const weighed = await weigh(db, planned, tasks[0]?.lane ?? 'ad-hoc', work.now)
  return told(tasks, work, weighed)
}

/** Reading what was asked takes a moment after the last answer. */
const readingMs = 3_000

function told(tasks: readonly TaskAhead[], work: WorkAhead, { ends_at, pools, pace }: Weighed): Eta {
  const waits = tasks.flatMap(({ run_at }) => run_at ?? [])
  const asked = tasks.length === 0 ? work.now : latest([ends_at, ...waits])
  const isRead = tasks.length === 0 && !work.reading
  const rows_at = isRead ? null : new Date(asked.getTime() + readingMs)
  const closed = pools.filter((pool) => pool.ends_at > work.now)
  const quota = closed.map(({ pool, ends_at: end }) => `${pool} gives the rest by ${end.toISOString()}`)
  const wait = waits.length > 0 ? [`${waits.length} accounts wait until ${latest(waits).toISOString()}`] : []
  const reading = work.reading ? ['answers are being read'] : []
  const because = [...quota, ...wait, ...reading, ...mlReason(work, pace)]
  return {
    rows_at,
    ready_at: readyAt(rows_at, work, pace),
    because: because.join('; ') || 'all goes its way',
  }
}

/** As fast as nine of ten before; a job that is late already is asked about next at the time that is told. */
function readyAt(
  rowsAt: Date | null,
  { open, since, next_at, now }: WorkAhead,
  { job_s }: Pace,
): Date | null {
  if (open === 0 || !since) return rowsAt
  if (job_s === null) return null
  const usual = new Date(since.getTime() + job_s * 1_000)
  const done = usual > now ? usual : next_at && next_at > now ? next_at : now
  return latest([done, ...(rowsAt ? [rowsAt] : [])])
}

function mlReason({ open, next_at }: WorkAhead, { job_s }: Pace): string[] {
  if (open === 0) return []
  const next = next_at ? `, asked about next at ${next_at.toISOString()}` : ''
  const pace = job_s === null ? ', and none has ended yet to tell how long they take' : ''
  return [`${open} ML jobs${next}${pace}`]
}
