import pMap from 'p-map'
import { holdOn } from '#shared/db/tables/ml-jobs/claimed.ts'
import { replaceLost, saveSubmits } from '#shared/db/tables/ml-jobs/sent.ts'
import { wasBlocked } from '#shared/db/tables/quota-windows.ts'
import type { SendableJob, SendOutcome } from '#shared/model/ml-job.ts'
import { saveAnswered } from './answered.ts'
import { gatherJobs } from './gather.ts'
import { isDayOver, pause, reserve, reserveAll, reserveSome, roomOf } from './room.ts'
import type { SendRun } from './send-run.ts'
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
  sendRun,
  sent,
  type Tried,
} from './step.ts'
import { type Taken, takeJobs } from './take.ts'

/** Jobs taken at once, and calls made at once: quota is reserved for these, all of which are sent. */
const batch = 96
const mostInFlight = 8
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
    const { jobs, isAll } = await take(run)
    if (isAll || (jobs.length > 0 && (await sendBatch(run, jobs)).isOver)) return
  }
}

const inFlightOf = ({ provider }: SendRun) => provider.inFlight ?? mostInFlight

/** Where a provider recognises no repeats, a process that dies may have paid for the jobs it has claimed: it claims only what it sends at once. */
const mostTaken = (run: SendRun) => (run.provider.idempotent ? batch : inFlightOf(run))

/** Takes jobs to be sent, and notes what else came of that. */
async function take(run: SendRun): Promise<Pick<Taken, 'jobs' | 'isAll'>> {
  const { db, routes, name, window, daily, signal } = run
  const { gathering } = run.provider
  const { unwanted, tasks, forOthers, until, ...taken } = gathering
    ? await gatherJobs(db, routes, name, gathering, await roomOf(run), signal)
    : await takeJobs(db, routes, run, Math.min(mostTaken(run), window.limit, daily?.limit ?? batch))
  if (until) run.until = until
  run.forOthers ||= forOthers
  run.unwanted.push(...unwanted)
  run.tasks.push(...tasks)
  return taken
}

/** Chunk by chunk, until one closes the pool or finds no room in it; what is left is due again at once. */
async function sendBatch(run: SendRun, jobs: readonly SendableJob[]): Promise<{ isOver: boolean }> {
  const rest = [...jobs]
  const since = performance.now()
  let isOver = false
  try {
    while (rest.length > 0 && !isOver && !run.signal.aborted) {
      // A run goes whole, or not at all: each has a price of its own.
      const some = run.provider.gathering
        ? await reserveAll(run, rest.length)
        : await reserveSome(run, Math.min(inFlightOf(run), rest.length))
      if (some === 0) break
      const pauseMs = await sendChunk(run, await stillOurs(run, rest.splice(0, some), since))
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

/** Well within the lease of a job: with less, those that wait for their turn are held on to before they are sent. */
const heldMs = 15_000

/** Those of the jobs that no other sender has taken since they were claimed. */
async function stillOurs(
  run: SendRun,
  jobs: readonly SendableJob[],
  since: number,
): Promise<readonly SendableJob[]> {
  if (performance.now() - since < heldMs) return jobs
  const held = await holdOn(run.db, jobs)
  return jobs.filter(({ id }) => held.has(id))
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
  const { provider, signal } = run
  const tried = provider.gathering
    ? await sendRun(run, provider.gathering, jobs, signal)
    : await pMap(jobs, (job) => sendOne(run, job, signal), { concurrency: inFlightOf(run) })
  const isTaken = tried.some(({ accepted }) => accepted !== undefined)
  const pauseMs = Math.max(0, ...tried.map(({ error }) => pauseOf(error, isTaken)))
  const troubles = await saveAnswers(run, tried)
  const open = tried.filter(({ accepted }) => accepted?.answer === undefined)
  const lost = open.flatMap(({ job, error }) => (mustReplace(provider, job, error) ? [job] : []))
  const outcomes = open.flatMap(({ job, accepted, error }) => {
    if (lost.includes(job)) return []
    return [accepted ? sent(run, job, accepted) : notSent(run, job, error, isTaken)]
  })
  const { isMixedUp } = await save(run, outcomes, lost)
  if (troubles.length > 0) throw troubles[0]
  return isMixedUp ? Math.max(pauseMs, reusedMs) : pauseMs
}

/** Writes results that providers gave at once: each by itself, since each is paid for. Returns what went wrong. */
async function saveAnswers(run: SendRun, tried: readonly Tried[]): Promise<unknown[]> {
  const troubles: unknown[] = []
  for (const { job, accepted } of tried) {
    if (!accepted?.answer) continue
    try {
      const retries = troubles.length > 0 ? 0 : 4
      const outcome = sent(run, job, accepted)
      const { tasks, failed } = await saveAnswered(run, job, outcome, accepted.answer, retries)
      run.tasks.push(...tasks)
      if (failed) run.failed.push({ id: job.id, reason: failed })
      run.sent += 1
    } catch (error) {
      troubles.push(error)
    }
  }
  return troubles
}

/** Writes what became of jobs, and notes it. */
async function save(
  run: SendRun,
  outcomes: readonly SendOutcome[],
  lost: readonly SendableJob[],
): Promise<{ isMixedUp: boolean }> {
  const reused = new Set(await saveSubmits(run.db, outcomes, run.usd))
  await replaceLost(run.db, lost)
  for (const { id, state, error } of outcomes) {
    if (reused.has(id)) run.failed.push({ id, reason: 'job_id_reused' })
    else if (state === 'failed') run.failed.push({ id, reason: error?.code ?? 'error' })
    else if (state === 'submitted') run.sent += 1
  }
  run.replaced.push(...lost.map(({ id }) => id))
  return { isMixedUp: reused.size > 0 }
}
