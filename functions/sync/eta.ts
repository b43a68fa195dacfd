import { aheadOfJob, type Pace, type TaskAhead, type WorkAhead, workAheadOf } from '#shared/db/forecast.ts'
import type { Queryable } from '#shared/db/pool.ts'
import { Lane } from '#shared/model/sync.ts'
import { latest, type Planned } from './forecast.ts'
import { jobsDoneAt, jobsOf, type Weighed, weigh } from './weigh.ts'

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
    // Numbers of known posts are asked for by calls of their own, when there is room.
    const calls = ahead.mode === 'refresh' ? null : callsFor(ahead)
    const { has_profile: profile, listed, pending, has_listed } = ahead
    return calls ? [{ ahead, calls, done: { profile, listed, pending, has_listed } }] : []
  })
  const weighed = await weigh(db, planned, leastUrgent(tasks), work.now)
  return told(tasks, work, weighed, jobsOf(planned, weighed.pace))
}

const leastUrgent = (tasks: readonly TaskAhead[]): Lane =>
  Lane.options.findLast((lane) => tasks.some((task) => task.lane === lane)) ?? 'ad-hoc'

/** Reading what was asked takes a moment after the last answer. */
const readingMs = 3_000

function told(
  tasks: readonly TaskAhead[],
  work: WorkAhead,
  { ends_at, pools, pace }: Weighed,
  newJobs: number | null,
): Eta {
  const waits = tasks.flatMap(({ run_at }) => run_at ?? [])
  const asked = tasks.length === 0 ? [] : [ends_at, ...waits]
  const ends = [...asked, ...(work.read_at ? [work.read_at] : [])]
  const rows_at = ends.length === 0 ? null : new Date(latest(ends).getTime() + readingMs)
  const closed = pools.filter((pool) => pool.ends_at > work.now)
  const because = [
    ...closed.map(({ pool, ends_at: end }) => `${pool} gives the rest by ${end.toISOString()}`),
    ...(waits.length > 0 ? [`${waits.length} accounts wait until ${latest(waits).toISOString()}`] : []),
    ...(work.read_at ? ['answers are being read'] : []),
    ...mlReason(work, pace),
  ]
  return {
    rows_at,
    ready_at: readyAt(rows_at, work, pace, tasks.length > 0 ? newJobs : 0),
    because: because.join('; ') || 'all goes its way',
  }
}

/** When the jobs that are open and those of posts that are yet to come are done. */
function readyAt(rowsAt: Date | null, work: WorkAhead, pace: Pace, newJobs: number | null): Date | null {
  const open = openDoneAt(work, pace)
  const coming = jobsDoneAt(rowsAt ?? work.now, newJobs, pace)
  return open && coming ? latest([open, coming]) : null
}

/** As fast as nine of ten before; a job that is late already is asked about next at the time that is told. */
function openDoneAt({ open, since, next_at, now }: WorkAhead, { job_s }: Pace): Date | null {
  if (open === 0 || !since) return now
  if (job_s === null) return null
  const usual = new Date(since.getTime() + job_s * 1_000)
  if (usual > now) return usual
  return next_at && next_at > now ? next_at : now
}

function mlReason({ open, next_at }: WorkAhead, { job_s }: Pace): string[] {
  if (open === 0) return []
  const next = next_at ? `, asked about next at ${next_at.toISOString()}` : ''
  const pace = job_s === null ? ', and none has ended yet to tell how long they take' : ''
  return [`${open} ML jobs${next}${pace}`]
}
