import * as z from 'zod'
import { oneLine } from '../errors.ts'
import type { MlAnswer } from './provider.ts'

/** A job as a provider describes it; a minimal one has only id and status. */
export const JobBody = z.looseObject({
  job_id: z.string().min(1),
  status: z.enum(['pending', 'done']),
  state: z.string().optional(),
  model: z.string().optional(),
  result: z.looseObject({}).nullish(),
  error: z
    .looseObject({
      code: z.string().optional(),
      message: z.string().optional(),
      retryable: z.boolean().optional(),
    })
    .nullish(),
})
type JobBody = z.infer<typeof JobBody>

const Items = z.object({
  items: z
    .array(
      z.looseObject({
        status: z.string(),
        error: z.looseObject({ code: z.string().optional(), retryable: z.boolean().optional() }).optional(),
      }),
    )
    .min(1),
})

/**
 * What a job description says. `status` has two values for ever and `state` may grow: an unknown state of a pending
 * job is pending, of a done one done.
 */
export function answerFrom(body: unknown, afterMs: number | undefined): MlAnswer {
  if (!isShallow(body)) return { state: 'broken', body: `nested deeper than ${deepest}` }
  const parsed = JobBody.safeParse(body)
  if (!parsed.success) return broken(body)
  const job = parsed.data
  if (job.status === 'pending') return { state: 'pending', afterMs }
  if (job.state === 'expired') return { state: 'gone' }
  if (job.state === 'failed' || job.state === 'canceled' || (job.error && !job.result)) return failure(job)
  if (!job.result) return broken(body)
  return (
    allFailed(job.result) ?? {
      state: 'done',
      result: job.result,
      modelVersion: job.model ? oneLine(job.model) : null,
    }
  )
}

function failure(job: JobBody): MlAnswer {
  const code = oneLine(job.error?.code ?? job.state ?? 'failed')
  return {
    state: 'failed',
    error: { code, message: oneLine(job.error?.message ?? code) },
    retryable: job.error?.retryable ?? false,
  }
}

/** A partial job of which no part succeeded has failed. */
function allFailed(result: object): MlAnswer | undefined {
  const items = Items.safeParse(result).data?.items
  if (!items?.every((item) => item.status === 'error')) return undefined
  const code = oneLine(items[0]?.error?.code ?? 'failed')
  return {
    state: 'failed',
    error: { code, message: code },
    retryable: items.some((item) => item.error?.retryable),
  }
}

function broken(body: unknown): MlAnswer {
  return { state: 'broken', body: oneLine(JSON.stringify(body)?.slice(0, 4000) ?? '') }
}

/** No result of the contract is nested so deep; one that is would exhaust the stack of its readers. */
const deepest = 100

function isShallow(value: unknown): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; depth < deepest; depth += 1) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []))
    if (level.length === 0) return true
  }
  return false
}
