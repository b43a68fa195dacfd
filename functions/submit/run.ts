import pMap from 'p-map'
import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import type { Db } from '#shared/db/pool.ts'
import { tasksOfJobs } from '#shared/db/tables/ml-jobs/attempts.ts'
import { claimToSubmit, replaceLost, saveSubmits } from '#shared/db/tables/ml-jobs/sent.ts'
import {
  blockPool,
  closePool,
  type ReservedWindow,
  reserveQuota,
  wasBlocked,
} from '#shared/db/tables/quota-windows.ts'
import { RetryableError } from '#shared/errors.ts'
import type { Sending } from '#shared/ml/provider.ts'
import type { SendableJob, SendOutcome } from '#shared/model/ml-job.ts'
import { answerLost, isAway, isFirst, isLost, laterOn, mustReplace, notSent, sendOne } from './step.ts'

/** All that sending planned jobs needs, put together once. */
export interface SubmitDeps extends Sending {
  readonly db: Db
  readonly random: () => number
}

export interface SubmitOutcome {
  /** Jobs that failed for good. */
  readonly failed: readonly string[]
  /** Tasks that became final by that. */
  readonly finished: readonly string[]
}

interface SubmitRun extends SubmitDeps {
  readonly signal: AbortSignal
  /** Where the last call was reserved from. */
  reserved: ReservedWindow | undefined
}

/** Jobs taken at once, and calls made at once: quota is reserved for these, all of which are sent. */
const batch = 96
const inFlight = 8
const awayMs = 120_000
const reusedMs = 3_600_000

/**
 * Sends planned jobs, batch after batch, until none is due, there is no room, or the signal aborts. The rows were written
 * before: a process that dies here leaves them leased, to be sent again with the same key.
 *
 * The other jobs of a batch show whether the provider or one job is in trouble: when the provider accepts none, the pool
 * closes and no job has spent an attempt. After that a call that costs nothing shows whether it is back.
 */
export async function runSubmit(deps: SubmitDeps, signal: AbortSignal): Promise<SubmitOutcome> {
  const run: SubmitRun = { ...deps, signal, reserved: undefined }
  const failed = await sendAll(run)
  const { finished } = await finishTasks(deps.db, await tasksOfJobs(deps.db, failed))
  return { failed, finished }
}

async function sendAll(run: SubmitRun): Promise<string[]> {
  const { db, provider, window, signal } = run
  const failed: string[] = []
  let isChecked = false
  while (!signal.aborted && (await reserve(run, 0))) {
    const jobs = await claimToSubmit(db, Math.min(batch, window.limit))
    if (jobs.length === 0) break
    if (!isChecked && (await wasBlocked(db, window)) && !(await provider.isUp(signal))) {
      failed.push(...(await giveBack(run, jobs)))
      await pause(run, awayMs)
      break
    }
    isChecked = true
    const sent = await sendBatch(run, jobs)
    failed.push(...sent.failed)
    if (sent.isOver) break
  }
  return failed
}

/** Reserves so many calls; false: there is no room, or the pool is closed. */
async function reserve(run: SubmitRun, units: number): Promise<boolean> {
  const reservation = await reserveQuota(run.db, { units, windows: [run.window] }, 'ad-hoc')
  if (reservation.granted) run.reserved = reservation.windows[0]
  return reservation.granted
}

/** Closes the pool for a while. */
const pause = ({ db, window, reserved }: SubmitRun, forMs: number): Promise<void> =>
  reserved ? blockPool(db, reserved, forMs) : closePool(db, window, forMs)

/** Chunk by chunk, until one closes the pool or finds no room in it; what is left is due again at once. */
async function sendBatch(
  run: SubmitRun,
  jobs: readonly SendableJob[],
): Promise<{ failed: string[]; isOver: boolean }> {
  const failed: string[] = []
  const rest = [...jobs]
  let isOver = false
  try {
    while (
      rest.length > 0 &&
      !isOver &&
      !run.signal.aborted &&
      (await reserve(run, Math.min(inFlight, rest.length)))
    ) {
      const chunk = await sendChunk(run, rest.splice(0, inFlight))
      failed.push(...chunk.failed)
      if (chunk.pauseMs > 0) await pause(run, chunk.pauseMs)
      isOver = chunk.pauseMs > 0
    }
  } catch (trouble) {
    // The database was in trouble: what was not sent counts no try, as far as that can still be written.
    await giveBack(run, rest).catch(() => undefined)
    throw trouble
  }
  failed.push(...(await giveBack(run, rest)))
  return { failed, isOver: isOver || rest.length > 0 }
}

/** Not sent at all. A job whose sender died is recorded as lost, also when nothing can be sent. Returns these. */
async function giveBack(run: SubmitRun, jobs: readonly SendableJob[]): Promise<string[]> {
  const all = jobs.filter((job) => isLost(run.provider, job))
  // Lost a second time, a person must look.
  const [lost, again] = [all.filter(isFirst), all.filter((job) => !isFirst(job))]
  const ended = again.map((job) => notSent(run, job, answerLost(), false))
  await saveSubmits(run.db, [...jobs.filter((job) => !all.includes(job)).map(laterOn), ...ended])
  await replaceLost(run.db, lost)
  return all.map(({ id }) => id)
}

async function sendChunk(
  run: SubmitRun,
  jobs: readonly SendableJob[],
): Promise<{ failed: string[]; pauseMs: number }> {
  const tried = await pMap(jobs, (job) => tryOne(run, job), { concurrency: inFlight })
  const isTaken = tried.some(({ error }) => error === undefined)
  const pauseMs = Math.max(0, ...tried.map(({ error }) => pauseOf(error, isTaken)))
  const lost = tried.flatMap(({ job, error }) => (mustReplace(run.provider, job, error) ? [job] : []))
  const outcomes = tried.flatMap(({ job, sent, error }) => {
    if (lost.includes(job)) return []
    return [sent ?? notSent(run, job, error, isTaken)]
  })
  const reused = await saveSubmits(run.db, outcomes)
  await replaceLost(run.db, lost)
  const ended = outcomes.flatMap(({ id, state }) => (state === 'failed' ? [id] : []))
  return {
    failed: [...ended, ...reused, ...lost.map(({ id }) => id)],
    pauseMs: reused.length > 0 ? Math.max(pauseMs, reusedMs) : pauseMs,
  }
}

interface Tried {
  readonly job: SendableJob
  readonly sent?: SendOutcome
  readonly error?: unknown
}

async function tryOne(run: SubmitRun, job: SendableJob): Promise<Tried> {
  try {
    return { job, sent: await sendOne(run, job, run.signal) }
  } catch (error) {
    return { job, error }
  }
}

function pauseOf(error: unknown, isTaken: boolean): number {
  if (!(error instanceof RetryableError) || (isTaken && isAway(error))) return 0
  return error.poolPauseMs
}
