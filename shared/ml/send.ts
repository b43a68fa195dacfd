import { messageOf, RetryableError, TerminalError } from '../errors.ts'
import { backoffMs } from '../http/backoff.ts'
import type { SendableJob, SendOutcome } from '../model/ml-job.ts'
import { nextAskMs } from './next-poll.ts'
import type { MlProvider } from './provider.ts'

/** What sending one job takes. */
export interface SendDeps {
  readonly provider: MlProvider
  readonly attempts: number
  readonly deadlineMs: number
  readonly random: () => number
}

/** A provider that took another job at the same time is not away. */
export const isAway = (error: unknown): error is RetryableError =>
  error instanceof RetryableError && error.scope !== 'call' && error.reason === 'provider'

/** An earlier sender died before it knew the answer, and a repeat would not be recognised: this must be recorded. */
export const isLost = (provider: MlProvider, job: SendableJob) => job.interrupted && !provider.idempotent

export const answerLost = () =>
  new RetryableError('the sender died before it knew the answer', { reason: 'answer_lost', maybeDone: true })

/** SendOutcome for the first time. */
export const isFirst = ({ attempt_no }: SendableJob) => attempt_no === 1

/** Not sent at all: due again at once, with the try not counted. */
export function laterOn({ id, attempts }: SendableJob): SendOutcome {
  const unchanged = { provider_job_id: null, deadline_ms: null, error: null, parked: false }
  return { ...unchanged, id, attempts, state: 'planned', after_ms: 0, counts: false }
}

export async function sendOne(deps: SendDeps, job: SendableJob): Promise<SendOutcome> {
  if (job.attempts > deps.attempts)
    throw new TerminalError('sending it never ended', { reason: 'interrupted' })
  if (isLost(deps.provider, job)) {
    throw answerLost()
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
export function mustReplace(provider: MlProvider, job: SendableJob, error: unknown): boolean {
  return !provider.idempotent && isFirst(job) && error instanceof RetryableError && error.maybeDone
}

export function notSent(deps: SendDeps, job: SendableJob, error: unknown, isTaken: boolean): SendOutcome {
  const lostAgain = !deps.provider.idempotent && error instanceof RetryableError && error.maybeDone
  const counts = !(error instanceof RetryableError) || error.counts || (isTaken && isAway(error))
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
