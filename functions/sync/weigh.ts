import { type Pace, paceOf } from '#shared/db/forecast.ts'
import type { Queryable } from '#shared/db/pool.ts'
import { standingOf } from '#shared/db/quota-windows.ts'
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
}

/** Calls of one platform that are under way at the same time. */
const inFlight = 8
/** A second: what a call takes with its answer kept, where nothing was measured. */
const usualCallS = 1

/** Weighs walks against what their quotas have left at this moment, nobody else asking meanwhile. */
export async function weigh(
  db: Queryable,
  planned: readonly Planned[],
  lane: Lane,
  now: Date,
): Promise<Weighed> {
  const counted = countCalls(planned)
  const pace = await paceOf(db)
  const pools = []
  for (const { window, units } of unitsOf(counted).values())
    pools.push(poolNeed(window, units, lane, await standingOf(db, window), now))
  pools.sort((a, b) => b.ends_at.getTime() - a.ends_at.getTime() || b.units / b.room - a.units / a.room)
  const starts_at = latest([now, ...pools.map((pool) => pool.starts_at)])
  const longest = Math.max(0, ...planned.map((one) => callsOf([one])))
  const seconds = Math.max(longest, callsOf(planned) / inFlight) * (pace.call_s ?? usualCallS)
  const asked = new Date(starts_at.getTime() + seconds * 1_000)
  return {
    calls: counted.map(({ platform, endpoint, calls }) => ({ platform, endpoint, calls })),
    ...{ pools, starts_at, pace },
    ends_at: latest([asked, ...pools.map((pool) => pool.ends_at)]),
  }
}

const callsOf = (planned: readonly Planned[]) =>
  countCalls(planned).reduce((sum, { calls }) => sum + calls, 0)
