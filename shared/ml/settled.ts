import type { Settled } from '../model/ml-job.ts'
import { findsOf } from './finds.ts'
import type { LastAnswer } from './provider.ts'

/** What of a job an answer is judged by. */
export interface AnsweredJob {
  readonly id: string
  readonly claim_token: string
  readonly model: string
  readonly attempt_no: number
}

export type Undecided = Omit<Settled, 'state'>

/** A settlement that changes nothing, to which an answer adds. */
export const nothingOf = ({ id, claim_token }: AnsweredJob): Undecided => ({
  ...{ id, claim_token, after_ms: 0, model_version: null, result: null, finds: [], error: null },
  ...{ parked: false, again: false, again_after_ms: 0, unknown: false, doubted: false },
})

/**
 * What an answer makes of a job that is the last word on it. A first attempt that failed in a way worth another try, or whose
 * result is gone, gets one further attempt. Pure.
 */
export function settledBy(job: AnsweredJob, answer: LastAnswer): Settled {
  const none = nothingOf(job)
  const first = job.attempt_no === 1
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
  }
}

/** Two models may call their versions alike: results of both stand side by side. */
const versionOf = (model: string, version: string | null): string =>
  version === null || version.startsWith(model) ? (version ?? model) : `${model}/${version}`
