import type { AskableJob, Settled } from '#shared/db/ml-jobs.ts'
import { nextAskMs } from '#shared/ml/next-poll.ts'
import type { MlAnswer } from '#shared/ml/provider.ts'

/**
 * What an answer makes of a job. A first attempt that expired, or failed in a way worth another try, gets one further
 * attempt; a job that the provider forgot is sent once more with the same key.
 * @param random in [0, 1)
 */
export function apply(job: AskableJob, answer: MlAnswer, random: number): Settled {
  const first = job.attempt_no === 1
  const none = {
    id: job.id,
    asks: job.asks,
    after_ms: 0,
    model_version: null,
    result: null,
    error: null,
    parked: false,
    again: false,
  }
  switch (answer.state) {
    case 'done':
      return {
        ...none,
        state: 'done',
        result: answer.result,
        model_version: answer.modelVersion ?? job.model,
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
      if (!job.resubmitted) return { ...none, state: 'resend' }
      return { ...none, state: 'expired', error: { code: 'job_unknown' }, again: first }
    case 'pending': {
      if (job.overdue) return { ...none, state: 'expired', error: { code: 'deadline' }, again: first }
      const ageMs = job.now.getTime() - job.submitted_at.getTime()
      return { ...none, state: 'pending', after_ms: nextAskMs(ageMs, answer.afterMs, random) }
    }
  }
}
