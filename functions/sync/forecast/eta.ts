import type { Queryable } from '#shared/db/pool.ts'
import {
  aheadOfJob,
  mostAhead,
  type Pace,
  type TaskAhead,
  type WorkAhead,
  workAheadOf,
} from '#shared/db/views/forecast.ts'
import { isForPeople } from '#shared/language/waits.ts'
import { Lane } from '#shared/model/sync.ts'
import type { ApiWords } from '../language.ts'
import { poolOf, waitOf } from '../words.ts'
import { latest, type Planned } from './forecast.ts'
import { jobsDoneAt, jobsOf, type Weighed, weigh } from './weigh.ts'

/** When a sync will be ready, and what that hangs on. */
export interface Eta {
  /** Whether its profiles and posts are on record. */
  readonly on_record: boolean
  /** When they will be. null: they are, or it cannot be estimated. */
  readonly rows_at: Date | null
  /** When its ML jobs are done too. null: it cannot be estimated. */
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
  words: ApiWords,
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
  const rows = rowsOf(tasks, work, weighed, words)
  const newJobs = tasks.length > 0 ? jobsOf(planned, weighed.pace) : jobsOfPages(work, weighed.pace)
  const ready_at = readyAt(rows, work, weighed.pace, newJobs)
  const because = [...rows.because, ...mlReasons(work, weighed.pace, words)]
  return { ...rows, ready_at, because: because.join('; ') || words.t('said.onSchedule') }
}

/** The posts of a page are unknown before it is read: some jobs, where posts have any. */
const jobsOfPages = ({ read_at }: WorkAhead, { jobs_a_post }: Pace): number =>
  read_at !== null && Object.values(jobs_a_post).some((each) => (each ?? 0) > 0) ? 1 : 0

const leastUrgent = (tasks: readonly TaskAhead[]): Lane =>
  Lane.options.findLast((lane) => tasks.some((task) => task.lane === lane)) ?? 'ad-hoc'

/** Reading what was asked takes a moment after the last answer. */
const readingMs = 3_000

interface Rows {
  readonly on_record: boolean
  readonly rows_at: Date | null
  readonly because: readonly string[]
}

/** There is no estimate where a person has to act first, or where there is more than can be weighed. */
function rowsOf(
  tasks: readonly TaskAhead[],
  work: WorkAhead,
  { ends_at, pools }: Weighed,
  words: ApiWords,
): Rows {
  const { t } = words
  const on_record = tasks.length === 0 && work.read_at === null
  if (tasks.length > mostAhead)
    return { on_record, rows_at: null, because: [t('said.tooMany', { most: words.number(mostAhead) })] }
  const held = Map.groupBy(
    tasks.flatMap(({ reason }) => (isForPeople(reason) ? [reason] : [])),
    (reason) => reason,
  )
  const waits = tasks.flatMap((task) => (task.run_at && !isForPeople(task.reason) ? [task.run_at] : []))
  const closed = pools.filter((pool) => pool.ends_at > work.now)
  const asked = tasks.length === 0 ? [] : [ends_at, ...waits]
  const ends = [...asked, ...(work.read_at ? [work.read_at] : [])]
  return {
    on_record,
    rows_at: on_record || held.size > 0 ? null : new Date(latest(ends).getTime() + readingMs),
    because: [
      ...[...held].map(([reason, { length: count }]) =>
        t('said.held', { count, what: waitOf(reason, words) }),
      ),
      ...closed.map(({ pool, ends_at: end }) =>
        t('said.quota', { pool: poolOf(pool, words), at: end.toISOString() }),
      ),
      ...(waits.length > 0
        ? [t('said.askedAgain', { count: waits.length, at: latest(waits).toISOString() })]
        : []),
      ...(work.read_at ? [t('said.reading')] : []),
    ],
  }
}

/** When the jobs that are open and those of posts that are yet to come are done. */
function readyAt({ on_record, rows_at }: Rows, work: WorkAhead, pace: Pace, newJobs: number | null) {
  const from = on_record ? work.now : rows_at
  const open = openDoneAt(work, pace)
  const coming = from && jobsDoneAt(from, newJobs, pace.slowest_job_s)
  return open && coming ? latest([open, coming]) : null
}

const isLate = ({ first_sent_at, now }: WorkAhead, { slowest_job_s }: Pace): boolean =>
  slowest_job_s !== null &&
  first_sent_at !== null &&
  now.getTime() - first_sent_at.getTime() > slowest_job_s * 1_000

/** When all are done, each as slow as the slowest of late; not before the next time that one is asked about. */
function openDoneAt(work: WorkAhead, pace: Pace): Date | null {
  const { last_sent_at, next_at, now } = work
  if (!last_sent_at) return now
  if (pace.slowest_job_s === null || isLate(work, pace)) return null
  const slowest = new Date(last_sent_at.getTime() + pace.slowest_job_s * 1_000)
  return latest([slowest, now, ...(next_at ? [next_at] : [])])
}

function mlReasons(work: WorkAhead, pace: Pace, { t }: ApiWords): string[] {
  if (work.open === 0) return []
  const count = work.open
  return [
    work.next_at
      ? t('said.openMlJobsAsked', { count, at: work.next_at.toISOString() })
      : t('said.openMlJobs', { count }),
    ...(pace.slowest_job_s === null ? [t('said.durationUnknown')] : []),
    ...(isLate(work, pace) ? [t('said.lateMl')] : []),
  ]
}
