import type { Db } from '#shared/db/pool.ts'
import { messageOf, RetryableError, Stopped, TerminalError } from '#shared/errors.ts'
import { backoffMs } from '#shared/http/backoff.ts'
import { addressOf, type MediaDoor } from '#shared/media/address.ts'
import type { Bucket } from '#shared/media/bucket.ts'
import { isPictures } from '#shared/media/fetch-picture.ts'
import { inputOf } from '#shared/ml/content.ts'
import { nextAskMs } from '#shared/ml/next-poll.ts'
import type { Gathering, MlAccepted, MlProvider, MlRequest, Sending } from '#shared/ml/provider.ts'
import type { SendableJob, SendOutcome } from '#shared/model/ml-job.ts'
import { currentTraceparent, inSpan } from '#shared/telemetry/span.ts'
import { findAlike } from './alike.ts'

interface SendOne extends Sending {
  readonly db: Db
  readonly random: () => number
  /** Where pictures are handed out; absent: providers are given the platforms' own links. */
  readonly media?: MediaDoor | undefined
  /** Where copies of pictures are; absent: none are made. */
  readonly bucket?: Bucket | undefined
  /** Whether results are taken over from pictures that look the same. */
  readonly byLooks?: boolean
}

/** The provider may be down. The caller ignores this when another job was accepted at the same time. */
const isAway = (error: unknown): error is RetryableError =>
  error instanceof RetryableError && error.scope !== 'call' && error.reason === 'provider'

/** An earlier sender died before it knew the answer, and a repeat would not be recognised: this must be recorded. */
export const isLost = (provider: MlProvider, job: SendableJob) => job.interrupted && !provider.idempotent

export const answerLost = () =>
  new RetryableError('the sender died before it knew the answer', { reason: 'answer_lost', maybeDone: true })

/** Sent for the first time. */
export const isFirst = ({ attempt_no }: SendableJob) => attempt_no === 1

/** Not sent at all: due again at once, with the try not counted. */
export function laterOn({ id, claim_token }: SendableJob): SendOutcome {
  const unchanged = { provider_job_id: null, deadline_ms: null, error: null, parked: false }
  return { ...unchanged, id, claim_token, state: 'planned', after_ms: 0, counts: false, unsent: true }
}

const day = 86_400_000

/**
 * Where the provider fetches the picture of a job: its copy, or by an address of ours. The same for each sending of a job, since
 * a provider refuses another body under a known key. undefined: by the platform's own link.
 */
async function addressFor(
  { media, bucket, deadlineMs }: SendOne,
  { content, content_key, first_sent_at }: SendableJob,
): Promise<string | undefined> {
  if (content.kind !== 'picture') return undefined
  const { copy } = content
  if (bucket && copy?.status === 'copied' && copy.object) return bucket.presign(copy.object, first_sent_at)
  const until = new Date(first_sent_at.getTime() + Math.max(30 * day, 2 * deadlineMs))
  return media && addressOf(media, content_key, until)
}

/** A job that was tried: what the provider made of it, or why it did not take it. */
export interface Tried {
  readonly job: SendableJob
  readonly accepted?: MlAccepted
  readonly error?: unknown
}

/** Sends one job, a span in the trace of the sync that planned it. */
export async function sendOne(deps: SendOne, job: SendableJob, signal: AbortSignal): Promise<Tried> {
  try {
    holdBack(deps, job)
    const known = deps.byLooks ? await findAlike(deps.db, job) : undefined
    if (known) return { job, accepted: known }
    const { kind, model } = job
    const attributes = { 'social_sync.ml.kind': kind, 'social_sync.ml.model': model }
    const span = { parent: job.traceparent, links: [currentTraceparent()], attributes }
    const accepted = await inSpan('ML submit', span, async ({ traceparent }) =>
      deps.provider.submit(await requestOf(deps, job, traceparent), signal),
    )
    return { job, accepted }
  } catch (error) {
    return { job, error }
  }
}

/** Sends jobs as one run of the provider. */
export async function sendRun(
  deps: SendOne,
  { submitAll }: Gathering,
  jobs: readonly SendableJob[],
  signal: AbortSignal,
): Promise<Tried[]> {
  const held = jobs.flatMap((job): Tried[] => {
    try {
      holdBack(deps, job)
      return []
    } catch (error) {
      return [{ job, error }]
    }
  })
  const sent = jobs.filter((job) => !held.some((one) => one.job === job))
  if (sent.length === 0) return held
  const links = [currentTraceparent(), ...sent.map(({ traceparent }) => traceparent)]
  try {
    const requests = await Promise.all(sent.map((job) => requestOf(deps, job, job.traceparent)))
    const settled = await inSpan(
      'ML submit',
      { links, attributes: { 'social_sync.jobs': sent.length } },
      () => submitAll(requests, signal),
    )
    const tried = sent.map((job, place): Tried => {
      const one = settled[place]
      return one?.status === 'fulfilled' ? { job, accepted: one.value } : { job, error: one?.reason }
    })
    return [...held, ...tried]
  } catch (error) {
    return [...held, ...sent.map((job) => ({ job, error }))]
  }
}

/** Throws for a job that is not to be sent. */
function holdBack({ attempts, provider }: SendOne, job: SendableJob): void {
  if (job.attempts > attempts) throw new TerminalError('sending it never ended', { reason: 'interrupted' })
  if (isLost(provider, job)) throw answerLost()
}

const requestOf = async (
  deps: SendOne,
  job: SendableJob,
  traceparent: string | null,
): Promise<MlRequest> => ({
  ...{ key: `${job.sent_as}-${job.attempt_no}`, kind: job.kind, model: job.model, traceparent },
  input: inputOf(job.content_key, job.content, await addressFor(deps, job)),
})

/** What is written of a job that the provider has taken. */
export const sent = (deps: SendOne, job: SendableJob, { jobId, afterMs }: MlAccepted): SendOutcome => ({
  ...{ id: job.id, claim_token: job.claim_token, state: 'submitted', provider_job_id: jobId },
  ...{ after_ms: nextAskMs(0, afterMs, deps.random()), deadline_ms: deps.deadlineMs },
  ...{ error: null, parked: false, counts: true },
})

/**
 * Whether a job whose answer was lost is sent again as a new attempt: once, where the provider recognises no repeats.
 */
export function mustReplace(provider: MlProvider, job: SendableJob, error: unknown): boolean {
  return !provider.idempotent && isFirst(job) && error instanceof RetryableError && error.maybeDone
}

export function notSent(deps: SendOne, job: SendableJob, error: unknown, isTaken: boolean): SendOutcome {
  if (error instanceof Stopped) return laterOn(job)
  const lostAgain = !deps.provider.idempotent && error instanceof RetryableError && error.maybeDone
  const counts = !(error instanceof RetryableError) || error.counts || (isTaken && isAway(error))
  const over = error instanceof TerminalError || lostAgain || (counts && job.attempts >= deps.attempts)
  const reason = error instanceof RetryableError || error instanceof TerminalError ? error.reason : 'error'
  const asked = error instanceof RetryableError ? error.afterMs : undefined
  return {
    id: job.id,
    claim_token: job.claim_token,
    state: over ? 'failed' : 'planned',
    provider_job_id: null,
    after_ms: Math.max(asked ?? 0, backoffMs(job.attempts, 60_000, 3_600_000, deps.random())),
    deadline_ms: null,
    error: { code: reason, message: messageOf(error).toWellFormed() },
    parked: over && !isPictures(error),
    counts,
    unsent: error instanceof RetryableError && !error.maybeDone,
  }
}

/** How long a pool is closed when the provider seems to be away. */
export const awayMs = 120_000

/** A provider that took nothing until the caller stopped waiting is away like one that answers nothing. */
export function pauseOf(error: unknown, isTaken: boolean): number {
  if (error instanceof Stopped) return isTaken ? 0 : awayMs
  if (!(error instanceof RetryableError) || (isTaken && isAway(error))) return 0
  return error.poolPauseMs
}
