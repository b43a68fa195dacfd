import type { AskableJob } from '#shared/db/tables/ml-jobs/answered.ts'
import { nextAskMs } from '#shared/ml/next-poll.ts'
import type { MlAnswer } from '#shared/ml/provider.ts'
import { nothingOf, settledBy, type Undecided } from '#shared/ml/settled.ts'
import type { Settled } from '#shared/model/ml-job.ts'

const minute = 60_000
const day = 24 * 60 * minute

/**
 * What an answer makes of a job. A first attempt that expired, or failed in a way worth another try, gets one further
 * attempt; a job that the provider forgot is sent once more with the same key. Pure.
 * @param random in [0, 1)
 * @param knowsOthers whether the provider knows other jobs at this moment
 */
export function apply(job: AskableJob, answer: MlAnswer, random: number, knowsOthers: boolean): Settled {
  const none = nothingOf(job)
  if (answer.state === 'unknown') return unknown(job, none, knowsOthers, random)
  if (answer.state === 'pending') return pending(job, none, answer.afterMs, random)
  return settledBy(job, answer)
}

/** Past its deadline it is given up, and asked about a week longer; the further attempt waits a day for the late result. */
function pending(job: AskableJob, none: Undecided, asked: number | undefined, random: number): Settled {
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
function unknown(job: AskableJob, none: Undecided, knowsOthers: boolean, random: number): Settled {
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
