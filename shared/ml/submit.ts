import pMap from 'p-map'
import { RetryableError } from '../errors.ts'
import type { SendableJob, SendOutcome } from '../model/ml-job.ts'
import {
  answerLost,
  isAway,
  isFirst,
  isLost,
  laterOn,
  mustReplace,
  notSent,
  type SendDeps,
  sendOne,
} from './send.ts'

/** The statements over the rows, passed in: this file knows no database. */
export interface SubmitDeps extends SendDeps {
  /** Takes due jobs; empty when there are none. */
  claim(limit: number): Promise<SendableJob[]>
  /** Reserves so many calls; false: there is no room, or the pool is closed. */
  reserve(calls: number): Promise<boolean>
  /** Whether the pool was closed until a moment ago. */
  wasClosed(): Promise<boolean>
  /** Writes what became of sending; returns the jobs whose id of the provider belongs to another content already. */
  save(sent: readonly SendOutcome[]): Promise<string[]>
  /** Closes a job whose answer was lost at a provider without idempotency, and plans a new attempt. */
  replaceLost(jobs: readonly SendableJob[]): Promise<void>
  /** Closes the pool for a while. */
  pause(forMs: number): Promise<void>
}

/** Jobs taken at once, and calls made at once: quota is reserved for these, all of which are sent. */
const batch = 96
const inFlight = 8
const awayMs = 120_000
const reusedMs = 3_600_000

/**
 * Sends planned jobs, batch after batch, while `timeLeft` says so. The rows were written before: a process that dies
 * here leaves them leased, to be sent again with the same key. Returns the ids that failed for good.
 *
 * The others sent at the same time tell trouble of the provider from that of a job: when the provider takes none, the pool
 * closes and no job has spent an attempt. After that a call that costs nothing shows whether it is back.
 */
export async function submitPlanned(deps: SubmitDeps, timeLeft: () => boolean): Promise<string[]> {
  const failed: string[] = []
  let isChecked = false
  while (timeLeft() && (await deps.reserve(0))) {
    const jobs = await deps.claim(batch)
    if (jobs.length === 0) break
    if (!isChecked && (await deps.wasClosed()) && !(await deps.provider.isUp())) {
      failed.push(...(await giveBack(deps, jobs)))
      await deps.pause(awayMs)
      break
    }
    isChecked = true
    const sent = await sendBatch(deps, jobs, timeLeft)
    failed.push(...sent.failed)
    if (sent.isOver) break
  }
  return failed
}

/** Chunk by chunk, until one closes the pool or finds no room in it; what is left is due again at once. */
async function sendBatch(
  deps: SubmitDeps,
  jobs: readonly SendableJob[],
  timeLeft: () => boolean,
): Promise<{ failed: string[]; isOver: boolean }> {
  const failed: string[] = []
  const rest = [...jobs]
  let isOver = false
  try {
    while (
      rest.length > 0 &&
      !isOver &&
      timeLeft() &&
      (await deps.reserve(Math.min(inFlight, rest.length)))
    ) {
      const chunk = await sendChunk(deps, rest.splice(0, inFlight))
      failed.push(...chunk.failed)
      if (chunk.pauseMs > 0) await deps.pause(chunk.pauseMs)
      isOver = chunk.pauseMs > 0
    }
  } catch (trouble) {
    // The database was in trouble: what was not sent counts no try, as far as that can still be written.
    await giveBack(deps, rest).catch(() => undefined)
    throw trouble
  }
  failed.push(...(await giveBack(deps, rest)))
  return { failed, isOver: isOver || rest.length > 0 }
}

/** Not sent at all. A job whose sender died is recorded as lost, also when nothing can be sent. Returns these. */
async function giveBack(deps: SubmitDeps, jobs: readonly SendableJob[]): Promise<string[]> {
  const all = jobs.filter((job) => isLost(deps.provider, job))
  // Lost a second time, a person must look.
  const [lost, again] = [all.filter(isFirst), all.filter((job) => !isFirst(job))]
  const ended = again.map((job) => notSent(deps, job, answerLost(), false))
  await deps.save([...jobs.filter((job) => !all.includes(job)).map(laterOn), ...ended])
  await deps.replaceLost(lost)
  return all.map(({ id }) => id)
}

async function sendChunk(
  deps: SubmitDeps,
  jobs: readonly SendableJob[],
): Promise<{ failed: string[]; pauseMs: number }> {
  const tried = await pMap(jobs, (job) => tryOne(deps, job), { concurrency: inFlight })
  const isTaken = tried.some(({ error }) => error === undefined)
  const pauseMs = Math.max(0, ...tried.map(({ error }) => pauseOf(error, isTaken)))
  const lost = tried.flatMap(({ job, error }) => (mustReplace(deps.provider, job, error) ? [job] : []))
  const outcomes = tried.flatMap(({ job, sent, error }) => {
    if (lost.includes(job)) return []
    return [sent ?? notSent(deps, job, error, isTaken)]
  })
  const reused = await deps.save(outcomes)
  await deps.replaceLost(lost)
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

async function tryOne(deps: SubmitDeps, job: SendableJob): Promise<Tried> {
  try {
    return { job, sent: await sendOne(deps, job) }
  } catch (error) {
    return { job, error }
  }
}

function pauseOf(error: unknown, isTaken: boolean): number {
  if (!(error instanceof RetryableError) || (isTaken && isAway(error))) return 0
  return error.poolPauseMs
}
