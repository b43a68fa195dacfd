import { blockPool, closePool, reserveQuota, standingOf } from '#shared/db/tables/quota-windows.ts'
import type { QuotaWindow } from '#shared/model/quota.ts'
import type { SendRun } from './send-run.ts'

/**
 * Reserves so many calls; false: there is no room, or the pool is closed. The minute comes first: what it is refused must not be
 * taken from the day, which stands for money.
 */
export async function reserve(run: SendRun, units: number): Promise<boolean> {
  const windows = run.daily ? [run.window, run.daily] : [run.window]
  const reservation = await reserveQuota(run.db, { units, windows }, 'ad-hoc')
  if (reservation.granted) run.reserved = reservation.windows[0]
  else run.until = reservation.opens_at
  return reservation.granted
}

/** Reserves as many calls as there is room for, up to so many. Returns how many. */
export async function reserveSome(run: SendRun, units: number): Promise<number> {
  for (let some = units; some > 0; some = Math.floor(some / 2)) if (await reserve(run, some)) return some
  return 0
}

/** Reserves so many calls, or none. Returns how many. */
export const reserveAll = async (run: SendRun, units: number): Promise<number> =>
  (await reserve(run, units)) ? units : 0

/** How many calls there is room for at this moment. */
export async function roomOf({ db, window, daily }: SendRun): Promise<number> {
  const left = async (one: QuotaWindow) => one.limit - (await standingOf(db, one)).used
  return Math.max(0, Math.min(await left(window), daily ? await left(daily) : Number.POSITIVE_INFINITY))
}

/** Whether all jobs of the day are sent: asked before any is claimed. */
export async function isDayOver(run: SendRun): Promise<boolean> {
  if (!run.daily) return false
  const { used, opens_at } = await standingOf(run.db, run.daily)
  if (used < run.daily.limit) return false
  run.until = opens_at
  return true
}

/** Closes the pool for a while. */
export async function pause(run: SendRun, forMs: number): Promise<void> {
  const { db, window, reserved } = run
  await (reserved ? blockPool(db, reserved, forMs) : closePool(db, window, forMs))
  // Asked for its time alone.
  await reserve(run, 0)
}
