import type { Queryable } from '#shared/db/pool.ts'
import { standingOf } from '#shared/db/tables/quota-windows.ts'
import { type Pace, paceOf } from '#shared/db/views/forecast.ts'
import type { Lane } from '#shared/model/sync.ts'
import { countCalls, latest, type Planned, type PoolNeed, poolNeed, unitsOf } from './forecast.ts'

/** What walks take, and until when. */
export interface Weighed {
  readonly calls: readonly { readonly platform: string; readonly endpoint: string; readonly calls: number }[]
  /** The scarcest first. */
  readonly pools: readonly PoolNeed[]
  readonly starts_at: Date
  readonly ends_at: Date
  readonly pace: Pace
  /** Seconds that a function is at work asking, many calls at the same time. */
  readonly busy_s: number
}

/** Calls of one platform that are under way at the same time. */
const inFlight = 8
/** A second: what a call takes with its answer kept, where nothing was measured. */
const usualCallS = 1

/** Weighs walks against what their quotas have left now, if no other sync starts meanwhile. */
export async function weigh(
  db: Queryable,
  planned: readonly Planned[],
  lane: Lane,
  now: Date,
): Promise<Weighed> {
  const counted = countCalls(planned)
  const pace = await paceOf(db)
  const needs = new Map<string, PoolNeed>()
  for (const { window, units } of unitsOf(counted).values())
    needs.set(window.pool, poolNeed(window, units, lane, await standingOf(db, window), now))
  const pools = [...needs.values()].sort(
    (a, b) => b.ends_at.getTime() - a.ends_at.getTime() || b.units / b.room - a.units / a.room,
  )
  const starts = counted.map(({ windows }) =>
    latest([now, ...windows.flatMap(({ pool }) => needs.get(pool)?.starts_at ?? [])]),
  )
  const starts_at = new Date(Math.min(...(starts.length > 0 ? starts : [now]).map((at) => at.getTime())))
  const longest = Math.max(0, ...planned.map((one) => callsOf([one])))
  const seconds = Math.max(longest, callsOf(planned) / inFlight) * (pace.call_s ?? usualCallS)
  // The calls of the last window take their time too.
  const granted = latest([starts_at, ...pools.map((pool) => pool.ends_at)])
  return {
    calls: counted.map(({ platform, endpoint, calls }) => ({ platform, endpoint, calls })),
    ...{ pools, starts_at, pace, busy_s: seconds },
    ends_at: new Date(granted.getTime() + seconds * 1_000),
  }
}

/**
 * When this many ML jobs are done that are planned at `rowsAt` and take `jobS` seconds each. null: their number or their
 * duration is unknown.
 */
export function jobsDoneAt(rowsAt: Date, jobs: number | null, jobS: number | null): Date | null {
  if (jobs === 0) return rowsAt
  return jobs === null || jobS === null ? null : new Date(rowsAt.getTime() + jobS * 1_000)
}

/**
 * ML jobs that new posts will have. null: not known, since the number of their posts is not, or none of the platform is on
 * record.
 */
export function jobsOf(planned: readonly Planned[], { jobs_a_post }: Pace): number | null {
  let jobs = 0
  for (const { ahead } of planned) {
    const each = jobs_a_post[ahead.platform]
    if (each === undefined || ahead.posts === null) return null
    jobs += ahead.fresh * each
  }
  return Math.round(jobs)
}

const callsOf = (planned: readonly Planned[]) =>
  countCalls(planned).reduce((sum, { calls }) => sum + calls, 0)
