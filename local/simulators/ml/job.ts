import { fraction } from '../../world/random.ts'
import { type AnnotateInput, annotate } from './annotate.ts'

export interface MlSimulatorOptions {
  readonly now: () => Date
  /** Only POST /jobs and GET /jobs/{id}, answering pending or done, and no idempotency. */
  readonly minimal?: boolean
  /** Share of jobs that fail at their first attempt and may be tried again. */
  readonly failing?: number
  /** Share of jobs that fail for good. */
  readonly refusing?: number
  /** Share of jobs that are accepted while the answer is lost. */
  readonly losing?: number
  /** How long a job takes; by default minutes for most, days for some. */
  readonly durationMs?: (key: string) => number
}

export interface Job {
  readonly id: string
  readonly type: string
  readonly model: string
  readonly input: AnnotateInput
  readonly bodyHash: string
  readonly createdAt: number
  readonly doneAt: number
  readonly fate: 'succeeded' | 'failed' | 'refused'
  canceled: boolean
}

export interface JobRequest {
  readonly type?: string
  readonly model?: string
  readonly input?: AnnotateInput
}

const minute = 60_000

/** Seven of ten jobs take up to 20 minutes, a quarter up to six hours, the rest up to three days. */
function usualDuration(key: string): number {
  const kind = fraction(`kind ${key}`)
  const part = fraction(`duration ${key}`)
  if (kind < 0.7) return minute * (1 + 19 * part)
  if (kind < 0.96) return minute * 20 * 18 ** part
  return minute * 360 * 12 ** part
}

export function makeJob(
  options: MlSimulatorOptions,
  number: number,
  key: string,
  bodyHash: string,
  body: JobRequest,
): Job {
  const createdAt = options.now().getTime()
  const first = !key.endsWith('-2')
  const draw = fraction(`fate ${key.replace(/-\d+$/, '')}`)
  const refused = draw < (options.refusing ?? 0)
  const failed = first && draw < (options.refusing ?? 0) + (options.failing ?? 0)
  return {
    id: `j_${number}_${bodyHash.slice(0, 8)}`,
    type: body.type ?? '',
    model: body.model ?? 'model',
    input: body.input ?? {},
    bodyHash,
    createdAt,
    doneAt: createdAt + (options.durationMs ?? usualDuration)(key),
    fate: refused ? 'refused' : failed ? 'failed' : 'succeeded',
    canceled: false,
  }
}

export function minimalView(job: Job, now: Date): object {
  const done = now.getTime() >= job.doneAt
  return {
    job_id: job.id,
    status: done ? 'done' : 'pending',
    ...(done ? { result: annotate(job.input) } : {}),
  }
}

export function fullView(job: Job, now: Date): object {
  const ageMs = now.getTime() - job.createdAt
  const done = job.canceled || now.getTime() >= job.doneAt
  const common = {
    job_id: job.id,
    type: job.type,
    model: `${job.model}@2026-10-02`,
    created_at: new Date(job.createdAt).toISOString(),
  }
  if (!done) {
    const progress = Math.floor((ageMs / (job.doneAt - job.createdAt)) * 100) / 100
    return { ...common, status: 'pending', state: progress > 0.1 ? 'running' : 'queued', progress }
  }
  const finished = { ...common, status: 'done', progress: 1, finished_at: new Date(job.doneAt).toISOString() }
  if (job.canceled) return { ...finished, state: 'canceled' }
  if (job.fate === 'failed')
    return {
      ...finished,
      state: 'failed',
      error: { code: 'fetch_failed', message: 'the medium could not be fetched', retryable: true },
    }
  if (job.fate === 'refused') {
    const items = [
      {
        media_id: job.input.media?.[0]?.id ?? 'text',
        status: 'error',
        error: { code: 'unsupported_media', retryable: false },
      },
    ]
    return { ...finished, state: 'partial', result: { items } }
  }
  return { ...finished, state: 'succeeded', result: annotate(job.input) }
}
