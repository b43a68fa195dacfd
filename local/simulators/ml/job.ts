import { fraction } from '../../world/random.ts'
import { type AnnotateInput, annotate } from './annotate.ts'
import { type Fetched, nothingToFetch } from './fetching.ts'

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
  /** Share of media that cannot be read, so that a job with several of them is done in part. */
  readonly unreadable?: number
  /** How long a job takes; by default minutes for most, days for some. */
  readonly durationMs?: (key: string) => number
  /** How long a result is kept once it is there; by default a week. */
  readonly retentionMs?: number
  /** Whether pictures are fetched when their turn has come; otherwise their addresses say all. */
  readonly fetches?: boolean
  /** A file that keeps the jobs beyond this process. */
  readonly journal?: string
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
const week = 7 * 24 * 60 * minute

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

/** When the result is thrown away. */
const expiresAt = (job: Job, options: MlSimulatorOptions) => job.doneAt + (options.retentionMs ?? week)

export const isExpired = (job: Job, options: MlSimulatorOptions) =>
  options.now().getTime() >= expiresAt(job, options)

/** A job begins within twenty minutes; one in a hundred when half of its time is over, and links may be dead by then. */
export function hasBegun({ id, createdAt, doneAt }: Job, now: Date): boolean {
  const lateMs = (doneAt - createdAt) / 2
  const waitMs = fraction(`late ${id}`) < 0.01 ? lateMs : Math.min(lateMs, 20 * minute)
  return now.getTime() >= createdAt + waitMs
}

/** Seconds to wait before asking again; undefined once the job is done. */
export function retryAfterS(job: Job, now: Date): number | undefined {
  const leftMs = job.doneAt - now.getTime()
  return job.canceled || leftMs <= 0 ? undefined : Math.min(300, Math.ceil(leftMs / 1000))
}

export function minimalView(job: Job, { now }: MlSimulatorOptions): object {
  const done = now().getTime() >= job.doneAt
  return {
    job_id: job.id,
    status: done ? 'done' : 'pending',
    ...(done ? { result: annotate(job.input) } : {}),
  }
}

/** @param fetched what became of its pictures; undefined: they are still being fetched */
export function fullView(
  job: Job,
  options: MlSimulatorOptions,
  fetched: Fetched | undefined = nothingToFetch,
): object {
  const now = options.now().getTime()
  const common = {
    job_id: job.id,
    type: job.type,
    model: `${job.model}@2026-10-02`,
    created_at: new Date(job.createdAt).toISOString(),
  }
  if (!job.canceled && (now < job.doneAt || !fetched)) {
    const progress = !fetched
      ? 0.99
      : Math.floor(((now - job.createdAt) / (job.doneAt - job.createdAt)) * 100) / 100
    const state = progress > 0.1 ? 'running' : 'queued'
    return { ...common, status: 'pending', state, progress, finished_at: null, expires_at: null }
  }
  return {
    ...common,
    status: 'done',
    progress: 1,
    finished_at: new Date(job.doneAt).toISOString(),
    expires_at: new Date(expiresAt(job, options)).toISOString(),
    ...outcomeOf(job, options, fetched),
  }
}

function outcomeOf(job: Job, { unreadable = 0 }: MlSimulatorOptions, fetched: Fetched): object {
  if (job.canceled) return { state: 'canceled' }
  if (job.fate === 'failed' || !fetched.isWell) {
    const error = { code: 'fetch_failed', message: 'the medium could not be fetched', retryable: true }
    return { state: 'failed', error }
  }
  const isUnreadable = (id: string) => job.fate === 'refused' || fraction(`unreadable ${id}`) < unreadable
  const media = job.input.media ?? (job.fate === 'refused' ? [{ id: 'text', url: '' }] : [])
  const refused = media.filter(({ id }) => isUnreadable(id))
  if (refused.length === 0)
    return { state: 'succeeded', result: annotate(job.input, job.type, fetched.words) }
  const read = media.filter(({ id }) => !isUnreadable(id))
  const error = { code: 'unsupported_media', retryable: false }
  const errors = refused.map(({ id }) => ({ media_id: id, status: 'error', error }))
  return { state: 'partial', result: { items: [...annotate({ media: read }).items, ...errors] } }
}
