import { setTimeout as after } from 'node:timers/promises'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { probeExtract } from '#shared/db/tables/accounts.ts'
import type { Platform } from '#shared/model/account.ts'
import { makeAllDue } from './cloud.ts'
import type { Driven } from './driven.ts'
import { type Detail, readDetail, readDue, readStanding, type Standing } from './standing.ts'
import type { WorldClock } from './world-clock.ts'

export interface RunOptions {
  readonly db: Db
  readonly cloud: Driven
  readonly clock: WorldClock
  readonly platforms: readonly Platform[]
  /** Gets the state of the run, at most once a second. */
  readonly onProgress: (detail: Detail) => void
  readonly signal: AbortSignal
  /** Since when jobs are waited for: the longer, the rarer poll ticks, by a fiftieth of the time. Absent: every minute. */
  readonly since?: Date
  /** Jobs at a provider that works in real time: the clock does not jump past it. */
  readonly atWork?: (() => Promise<number>) | undefined
}

/** The name of a platform's extract function. */
const extractOf = (platform: Platform) => `extract-${platform}`

const progressMs = 1_000
/** Below the nine weeks for which partitions are made. */
const longestWorldDays = 60

const isFinal = ({ tasks, ml_jobs }: Standing): boolean =>
  ml_jobs.open === 0 &&
  Object.entries(tasks).every(
    ([status, count]) => count === 0 || ['done', 'failed', 'cancelled'].includes(status),
  )

/**
 * Asks every account once and follows the work until every task and ML job is final. Idle time is skipped: when
 * nothing is running, the clock jumps to the next retry, quota opening or ML ask. Throws when that takes too long.
 */
export async function runOnce(options: RunOptions): Promise<Standing> {
  await makeAllDue(options.db, options.platforms)
  const asked = askAll(options)
  await followThrough(options)
  await asked
  return followThrough(options)
}

/** A tick makes tasks for so many accounts at most; it is repeated until none is due. */
async function askAll({ db, cloud, platforms }: RunOptions): Promise<void> {
  do await Promise.all(platforms.map((platform) => cloud.triggers.tick(extractOf(platform))))
  while (await anyDue(db, platforms))
}

async function anyDue(db: Db, platforms: readonly Platform[]): Promise<boolean> {
  const due = await Promise.all(platforms.map((platform) => probeExtract(db, platform)))
  return due.some(({ accounts }) => accounts)
}

/** Why a run is not complete, in one line; null when every account was synced and every ML job is final. */
export async function shortfall(options: RunOptions, since: Date): Promise<string | null> {
  const standing = await readStanding(options.db)
  const [row] = await options.db.rows<{ count: number }>(sql`
    select count(*)::int as count from accounts a
    where a.platform = any(${[...options.platforms]}::text[]) and a.status in ('active', 'missing') and not exists (
      select from sync_tasks t where t.account_id = a.id and t.status = 'done' and t.finished_at >= ${since})`)
  if (row && row.count > 0) return `${row.count} accounts were not synced; see .local/functions.log`
  return isFinal(standing) ? null : 'not everything is final yet; start again to go on'
}

/** Follows open work until all of it is final. */
export async function followThrough(options: RunOptions): Promise<Standing> {
  const { db, cloud, clock, signal } = options
  const giveUpAt = clock.now().getTime() + longestWorldDays * 86_400_000
  let shownAt = 0
  while (!signal.aborted) {
    if (performance.now() - shownAt > progressMs) {
      shownAt = performance.now()
      options.onProgress(await readDetail(db))
    }
    if (!cloud.triggers.idle()) await after(5)
    else if (!(await takeUpNext(options))) return readStanding(db)
    if (clock.now().getTime() > giveUpAt)
      throw new Error(`not finished after ${longestWorldDays} days of the world's time`)
  }
  return readStanding(db)
}

/** Jumps to what falls due next and takes it up; false when nothing is to come. */
async function takeUpNext(options: RunOptions): Promise<boolean> {
  const { db, cloud, clock, since } = options
  const { poll, extract } = await readDue(db)
  const tickAt = (name: string, due: Date, afterMs = 0): Date => {
    const from = new Date(Math.max(due.getTime(), clock.now().getTime() + afterMs) - 1)
    return cloud.triggers.nextTick(name, from) ?? due
  }
  const restMs = since ? (clock.now().getTime() - since.getTime()) / 50 : 0
  const pollAt = poll && tickAt('poll', poll, restMs)
  const extractAt = extract && tickAt(extractOf(extract.platform), extract.at)
  if (extract && extractAt && !(pollAt && pollAt < extractAt)) {
    await clock.jumpTo(extractAt)
    if (await waitsForToken(db)) await cloud.triggers.tick('maintain')
    // A ring and not the timer's tick: that would make tasks for accounts that have become due again meanwhile.
    await cloud.ringExtract(extract.platform)
  } else if (pollAt) {
    await untilDone(options)
    await clock.jumpTo(pollAt)
    await cloud.triggers.tick('poll')
  } else return false
  return true
}

/** Waits while a provider works in real time; poll asks it as soon as that is done. */
async function untilDone({ db, atWork, signal, onProgress }: RunOptions): Promise<void> {
  while (!signal.aborted && ((await atWork?.()) ?? 0) > 0) {
    await after(progressMs, undefined, { signal }).catch(() => undefined)
    onProgress(await readDetail(db))
  }
}

/** Whether tokens of owners have ended, which its own timer would have renewed in the time that was skipped. */
const waitsForToken = async (db: Db): Promise<boolean> =>
  (await db.rows(sql`select from sync_tasks where status = 'waiting' and reason = 'token' limit 1`)).length >
  0

export interface RunAliveOptions extends RunOptions {
  /** How many times faster than real time the idle world runs at this moment; 1: not at all. */
  readonly speed: () => number
  /** Called once, when every account has been read for the first time. */
  readonly onFirstSync: () => Promise<void>
}

/**
 * Lets the world live: timers tick as declared, rings are delivered, and while nothing is running its clock runs
 * `speed` times faster than real time. Ends when the signal is given.
 */
export async function runAlive(options: RunAliveOptions): Promise<void> {
  const { db, cloud, clock, signal, speed } = options
  const fire = timersOf(options)
  let shownAt = 0
  let last = performance.now()
  let first = true
  while (!signal.aborted) {
    fire()
    await after(50, undefined, { signal }).catch(() => undefined)
    const passed = performance.now() - last
    last = performance.now()
    if (speed() > 1 && cloud.triggers.idle())
      await clock.jumpTo(new Date(clock.now().getTime() + passed * (speed() - 1)))
    if (performance.now() - shownAt < progressMs) continue
    shownAt = performance.now()
    const detail = await readDetail(db)
    options.onProgress(detail)
    if (first && isRead(detail.standing)) await options.onFirstSync()
    first &&= !isRead(detail.standing)
  }
}

/** Fires the timers that are due, each time it is called; at the first call all but the daily one, as if just due. */
function timersOf({ cloud, clock, platforms }: RunOptions): () => void {
  const names = [...platforms.map(extractOf), 'poll', 'maintain'] as const
  const fires = new Map(
    names.map((name) => [
      name,
      name === 'maintain' ? cloud.triggers.nextTick(name, clock.now()) : clock.now(),
    ]),
  )
  return () => {
    const now = clock.now()
    for (const [name, at] of fires) {
      if (!at || at > now) continue
      fires.set(name, cloud.triggers.nextTick(name, now))
      void cloud.triggers.tick(name)
    }
  }
}

/** Every sync asked for so far has been read, and there is something to look at. */
const isRead = ({ tasks, annotations, ml_jobs }: Standing): boolean =>
  Object.values(tasks).some((count) => count > 0) &&
  ['queued', 'waiting', 'extracting', 'transforming'].every((status) => !tasks[status]) &&
  (annotations >= 100 || ml_jobs.open === 0)
