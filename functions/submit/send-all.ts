import pMap from 'p-map'
import type { Db } from '#shared/db/pool.ts'
import { replaceLost, saveSubmits } from '#shared/db/tables/ml-jobs/sent.ts'
import {
  blockPool,
  closePool,
  type ReservedWindow,
  reserveQuota,
  standingOf,
  wasBlocked,
} from '#shared/db/tables/quota-windows.ts'
import type { MediaDoor } from '#shared/media/address.ts'
import type { Sending } from '#shared/ml/provider.ts'
import type { MlRoute, SendableJob, SendOutcome } from '#shared/model/ml-job.ts'
import {
  answerLost,
  awayMs,
  isFirst,
  isLost,
  laterOn,
  mustReplace,
  notSent,
  pauseOf,
  sendOne,
} from './step.ts'
import { takeJobs } from './take.ts'

export interface JobProblem {
  readonly id: string
  readonly reason: string
}

/** Sending to one provider, and what has come of it. */
export interface SendRun extends Sending {
  readonly db: Db
  readonly random: () => number
  readonly routes: readonly MlRoute[]
  readonly media?: MediaDoor | undefined
  readonly signal: AbortSignal
  /** Tasks that had nothing to send, and jobs given up, by which tasks may be complete. */
  readonly tasks: string[]
  readonly unwanted: string[]
  readonly failed: JobProblem[]
  readonly replaced: string[]
  sent: number
  until: Date | null
  /** Whether jobs were made that other providers are to be sent. */
  forOthers: boolean
  /** Where the last call was reserved from. */
  reserved: ReservedWindow | undefined
}

/** Jobs taken at once, and calls made at once: quota is reserved for these, all of which are sent. */
const batch = 96
const inFlight = 8
const reusedMs = 3_600_000

/** Sends what is due to one provider, batch after batch, and makes the jobs of planned contents on the way. */
export async function sendAll(run: SendRun): Promise<void> {
  const { db, provider, window, signal } = run
  let isChecked = false
  while (!signal.aborted && (await reserve(run, 0))) {
    // Asked before any job is claimed: a provider that hangs costs no job a try.
    if (!isChecked && (await wasBlocked(db, window)) && !(await provider.isUp(signal)))
      return pause(run, awayMs)
    isChecked = true
    if (await isDayOver(run)) return
    const most = Math.min(batch, window.limit, run.daily?.limit ?? batch)
    const { jobs, unwanted, tasks, forOthers, isAll } = await takeJobs(db, run.routes, run.name, most)
    run.forOthers ||= forOthers
    run.unwanted.push(...unwanted)
    run.tasks.push(...tasks)
    if (isAll || (jobs.length > 0 && (await sendBatch(run, jobs)).isOver)) return
  }
}

/**
 * Reserves so many calls; false: there is no room, or the pool is closed. The minute comes first: what it is refused must not be
 * taken from the day, which stands for money.
 */
async function reserve(run: SendRun, units: number): Promise<boolean> {
  const windows = run.daily ? [run.window, run.daily] : [run.window]
  const reservation = await reserveQuota(run.db, { units, windows }, 'ad-hoc')
  if (reservation.granted) run.reserved = reservation.windows[0]
  else run.until = reservation.opens_at
  return reservation.granted
}

/** Reserves as many calls as there is room for, up to so many. Returns how many. */
async function reserveSome(run: SendRun, units: number): Promise<number> {
  for (let some = units; some > 0; some = Math.floor(some / 2)) if (await reserve(run, some)) return some
  return 0
}

/** Whether all jobs of the day are sent: asked before any is claimed. */
async function isDayOver(run: SendRun): Promise<boolean> {
  if (!run.daily) return false
  const { used, opens_at } = await standingOf(run.db, run.daily)
  if (used < run.daily.limit) return false
  run.until = opens_at
  return true
}

/** Closes the pool for a while. */
async function pause(run: SendRun, forMs: number): Promise<void> {
  const { db, window, reserved } = run
  await (reserved ? blockPool(db, reserved, forMs) : closePool(db, window, forMs))
  // Asked for its time alone.
  await reserve(run, 0)
}

/** Chunk by chunk, until one closes the pool or finds no room in it; what is left is due again at once. */
async function sendBatch(run: SendRun, jobs: readonly SendableJob[]): Promise<{ isOver: boolean }> {
  const rest = [...jobs]
  let isOver = false
  try {
    while (rest.length > 0 && !isOver && !run.signal.aborted) {
      const some = await reserveSome(run, Math.min(inFlight, rest.length))
      if (some === 0) break
      const pauseMs = await sendChunk(run, rest.splice(0, some))
      if (pauseMs > 0) await pause(run, pauseMs)
      isOver = pauseMs > 0
    }
  } catch (trouble) {
    // The database was in trouble: what was not sent counts no try, as far as that can still be written.
    await giveBack(run, rest).catch(() => undefined)
    throw trouble
  }
  await giveBack(run, rest)
  return { isOver: isOver || rest.length > 0 }
}

/** Gives back jobs that were not sent. Those whose earlier sender died are recorded as lost. */
async function giveBack(run: SendRun, jobs: readonly SendableJob[]): Promise<void> {
  const all = jobs.filter((job) => isLost(run.provider, job))
  // Lost a second time, a person must look.
  const [lost, again] = [all.filter(isFirst), all.filter((job) => !isFirst(job))]
  const ended = again.map((job) => notSent(run, job, answerLost(), false))
  await save(run, [...jobs.filter((job) => !all.includes(job)).map(laterOn), ...ended], lost)
}

/** Returns for how long the pool is to be closed, in milliseconds. */
async function sendChunk(run: SendRun, jobs: readonly SendableJob[]): Promise<number> {
  const tried = await pMap(jobs, (job) => tryOne(run, job), { concurrency: inFlight })
  const isTaken = tried.some(({ error }) => error === undefined)
  const pauseMs = Math.max(0, ...tried.map(({ error }) => pauseOf(error, isTaken)))
  const lost = tried.flatMap(({ job, error }) => (mustReplace(run.provider, job, error) ? [job] : []))
  const outcomes = tried.flatMap(({ job, sent, error }) => {
    if (lost.includes(job)) return []
    return [sent ?? notSent(run, job, error, isTaken)]
  })
  const { isMixedUp } = await save(run, outcomes, lost)
  return isMixedUp ? Math.max(pauseMs, reusedMs) : pauseMs
}

/** Writes what became of jobs, and notes it. */
async function save(
  run: SendRun,
  outcomes: readonly SendOutcome[],
  lost: readonly SendableJob[],
): Promise<{ isMixedUp: boolean }> {
  const reused = new Set(await saveSubmits(run.db, outcomes))
  await replaceLost(run.db, lost)
  for (const { id, state, error } of outcomes) {
    if (reused.has(id)) run.failed.push({ id, reason: 'job_id_reused' })
    else if (state === 'failed') run.failed.push({ id, reason: error?.code ?? 'error' })
    else if (state === 'submitted') run.sent += 1
  }
  run.replaced.push(...lost.map(({ id }) => id))
  return { isMixedUp: reused.size > 0 }
}

interface Tried {
  readonly job: SendableJob
  readonly sent?: SendOutcome
  readonly error?: unknown
}

async function tryOne(run: SendRun, job: SendableJob): Promise<Tried> {
  try {
    return { job, sent: await sendOne(run, job, run.signal) }
  } catch (error) {
    return { job, error }
  }
}
