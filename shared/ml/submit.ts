import pMap from 'p-map'
import { messageOf, RetryableError, TerminalError } from '../errors.ts'
import { backoffMs } from '../http/backoff.ts'
import type { MlInput, MlKind } from '../model/ml-job.ts'
import { nextAskMs } from './next-poll.ts'
import type { MlProvider } from './provider.ts'

/** A job taken to be sent. */
export interface Sendable {
  readonly id: string
  readonly input_key: string
  readonly kind: MlKind
  readonly model: string
  readonly attempt_no: number
  readonly attempts: number
  readonly input: MlInput
  readonly traceparent: string | null
  readonly interrupted: boolean
}

/** What became of sending one job; `after_ms` is when it falls due again. */
interface Sent {
  readonly id: string
  readonly attempts: number
  readonly state: 'submitted' | 'planned' | 'failed'
  readonly provider_job_id: string | null
  readonly after_ms: number
  readonly deadline_ms: number | null
  readonly error: object | null
  readonly parked: boolean
  /** Whether this try counts against the job; a closed pool or a lack of time is not its fault. */
  readonly counts: boolean
}

/** The statements over the rows, passed in: this file knows no database. */
export interface SubmitDeps<Job extends Sendable> {
  readonly provider: MlProvider
  /** Takes due jobs, within quota; empty when there are none or the pool is closed. */
  claim(limit: number): Promise<Job[]>
  save(sent: readonly Sent[]): Promise<void>
  /** Closes a job whose answer was lost at a provider without idempotency, and plans a new attempt. */
  replaceLost(jobs: readonly Job[]): Promise<void>
  /** Closes the pool for a while. */
  pause(forMs: number): Promise<void>
  readonly attempts: number
  readonly deadlineMs: number
  readonly random: () => number
}

const batch = 100
const inFlight = 8

/**
 * Sends planned jobs, batch after batch, while `timeLeft` says so. The rows were written before: a process that dies
 * here leaves them leased, to be sent again with the same key. Returns the ids that failed for good.
 */
export async function submitPlanned<Job extends Sendable>(
  deps: SubmitDeps<Job>,
  timeLeft: () => boolean,
): Promise<string[]> {
  const failed: string[] = []
  while (timeLeft()) {
    const jobs = await deps.claim(batch)
    if (jobs.length === 0) break
    const lost: Job[] = []
    let pauseMs = 0
    const goesOn = () => pauseMs === 0 && timeLeft()
    const sent = await pMap(
      jobs,
      async (job) => {
        if (!goesOn() && !isLost(deps.provider, job)) return laterOn(job)
        try {
          return await sendOne(deps, job)
        } catch (error) {
          if (mustReplace(deps.provider, job, error)) lost.push(job)
          if (error instanceof RetryableError) pauseMs = Math.max(pauseMs, error.poolPauseMs)
          return notSent(deps, job, error)
        }
      },
      { concurrency: inFlight },
    )
    const replaced = new Set(lost.map((job) => job.id))
    await deps.save(sent.filter((job) => !replaced.has(job.id)))
    await deps.replaceLost(lost)
    failed.push(...sent.flatMap((job) => (job.state === 'failed' || replaced.has(job.id) ? [job.id] : [])))
    if (pauseMs > 0) {
      await deps.pause(pauseMs)
      break
    }
  }
  return failed
}

/** An earlier sender died before it knew the answer, and a repeat would not be recognised: this must be recorded. */
const isLost = (provider: MlProvider, job: Sendable) => job.interrupted && !provider.idempotent

/** Not sent at all: due again at once, with the try not counted. */
function laterOn({ id, attempts }: Sendable): Sent {
  const unchanged = { provider_job_id: null, deadline_ms: null, error: null, parked: false }
  return { ...unchanged, id, attempts, state: 'planned', after_ms: 0, counts: false }
}

async function sendOne<Job extends Sendable>(deps: SubmitDeps<Job>, job: Job): Promise<Sent> {
  if (job.attempts > deps.attempts)
    throw new TerminalError('sending it never ended', { reason: 'interrupted' })
  if (isLost(deps.provider, job)) {
    throw new RetryableError('the sender died before it knew the answer', {
      reason: 'answer_lost',
      maybeDone: true,
    })
  }
  const { kind, model, input, traceparent } = job
  const accepted = await deps.provider.submit({
    key: `${job.input_key}-${job.attempt_no}`,
    kind,
    model,
    input,
    traceparent,
  })
  return {
    id: job.id,
    attempts: job.attempts,
    state: 'submitted',
    provider_job_id: accepted.jobId,
    after_ms: nextAskMs(0, accepted.afterMs, deps.random()),
    deadline_ms: deps.deadlineMs,
    error: null,
    parked: false,
    counts: true,
  }
}

/** Without idempotency a lost answer is sent once more as a new attempt; lost again, a person must look. */
function mustReplace(provider: MlProvider, job: Sendable, error: unknown): boolean {
  return !provider.idempotent && job.attempt_no === 1 && error instanceof RetryableError && error.maybeDone
}

function notSent<Job extends Sendable>(deps: SubmitDeps<Job>, job: Job, error: unknown): Sent {
  const lostAgain = !deps.provider.idempotent && error instanceof RetryableError && error.maybeDone
  const counts = !(error instanceof RetryableError && error.scope !== 'call')
  const over = error instanceof TerminalError || lostAgain || (counts && job.attempts >= deps.attempts)
  const reason = error instanceof RetryableError || error instanceof TerminalError ? error.reason : 'error'
  const asked = error instanceof RetryableError ? error.afterMs : undefined
  return {
    id: job.id,
    attempts: job.attempts,
    state: over ? 'failed' : 'planned',
    provider_job_id: null,
    after_ms: Math.max(asked ?? 0, backoffMs(job.attempts, 60_000, 3_600_000, deps.random())),
    deadline_ms: null,
    error: { code: reason, message: messageOf(error).toWellFormed() },
    parked: over,
    counts,
  }
}
