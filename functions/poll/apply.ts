import type { AskableJob, Settled } from '#shared/db/tables/ml-jobs/answered.ts'
import { findsOf } from '#shared/ml/finds.ts'
import { nextAskMs } from '#shared/ml/next-poll.ts'
import type { MlAnswer } from '#shared/ml/provider.ts'

const minute = 60_000
const day = 24 * 60 * minute

/**
 * What an answer makes of a job. A first attempt that expired, or failed in a way worth another try, gets one further
 * attempt; a job that the provider forgot is sent once more with the same key. Pure.
 * @param random in [0, 1)
 * @param knowsOthers whether the provider knows other jobs at this moment
 */
export function apply(job: AskableJob, answer: MlAnswer, random: number, knowsOthers: boolean): Settled {
  const first = job.attempt_no === 1
  const none = {
    id: job.id,
    claim_token: job.claim_token,
    after_ms: 0,
    model_version: null,
    result: null,
    finds: [],
    error: null,
    parked: false,
    again: false,
    again_after_ms: 0,
    unknown: false,
    doubted: false,
  }
  switch (answer.state) {
    case 'done':
      return {
        ...none,
        state: 'done',
        result: answer.result,
        finds: findsOf(answer.result),
        model_version: versionOf(job.model, answer.modelVersion),
      }
    case 'failed':
      return { ...none, state: 'failed', error: answer.error, again: answer.retryable && first }
    case 'broken':
      return {
        ...none,
        state: 'failed',
        error: { code: 'broken_answer', message: answer.body },
        parked: true,
      }
    case 'gone':
      return { ...none, state: 'expired', error: { code: 'result_expired' }, again: first }
    case 'unknown':
      return unknown(job, none, knowsOthers, random)
    case 'pending':
      return pending(job, none, answer.afterMs, random)
  }
}

/** Two models may call their versions alike: results of both stand side by side. */
const versionOf = (model: string, version: string | null): string =>
  version === null || version.startsWith(model) ? (version ?? model) : `${model}/${version}`

type Nothing = Omit<Settled, 'state'>

/** Past its deadline it is given up, and asked about a week longer; the further attempt waits a day for the late result. */
function pending(job: AskableJob, none: Nothing, asked: number | undefined, random: number): Settled {
  const after_ms = nextAskMs(ageOf(job), asked, random)
  if (job.is_over) return { ...none, state: 'expired' }
  if (job.expired) return { ...none, state: 'pending', after_ms: Math.max(after_ms, 6 * 60 * minute) }
  if (!job.overdue) return { ...none, state: 'pending', after_ms }
  const again = job.attempt_no === 1
  return {
    ...none,
    state: 'expired',
    error: { code: 'deadline' },
    again,
    again_after_ms: day,
    after_ms: day / 4,
  }
}

/**
 * A job is unknown when the provider says so twice, minutes apart, while it knows others; or, if there is
 * no other job to compare with, for a day. Until then a proxy on the way may be at fault, and the job is paid for.
 */
function unknown(job: AskableJob, none: Nothing, knowsOthers: boolean, random: number): Settled {
  const since = (time: Date | null) => (time === null ? -1 : job.now.getTime() - time.getTime())
  const isCertain = (knowsOthers && since(job.doubted_at) >= 2 * minute) || since(job.unknown_at) >= day
  if (!isCertain && !job.is_over) {
    const after_ms = knowsOthers
      ? 3 * minute
      : nextAskMs(Math.max(0, since(job.unknown_at)), 5 * minute, random)
    const doubted = knowsOthers || job.doubted_at !== null
    return { ...none, state: 'pending', after_ms, unknown: true, doubted }
  }
  if (!job.resubmitted && !job.expired) return { ...none, state: 'resend' }
  return {
    ...none,
    state: 'expired',
    error: { code: 'job_unknown' },
    again: job.attempt_no === 1 && !job.expired,
  }
}

const ageOf = ({ now, submitted_at }: AskableJob) => now.getTime() - submitted_at.getTime()
