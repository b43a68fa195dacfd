import pMap from 'p-map'
import * as z from 'zod'
import { RetryableError, TerminalError } from '../errors.ts'
import { type Fetch, type HttpAnswer, parseJson, request } from '../http/request.ts'
import { retryAfterMs } from '../http/retry-after.ts'
import type { MlKind } from '../model/ml-job.ts'
import type { MlAnswer, MlProvider } from './provider.ts'
import { answerFrom } from './results.ts'

export interface HttpProviderOptions {
  readonly fetch: Fetch
  readonly baseUrl: string
  /** Absent: the provider wants none. */
  readonly apiKey?: string | undefined
  readonly idempotent: boolean
}

const types: Record<MlKind, string> = { text: 'text_analysis', image: 'image_recognition' }
const Accepted = z.looseObject({ job_id: z.string().min(1) })
const Batch = z.looseObject({ jobs: z.array(z.unknown()), not_found: z.array(z.string()).default([]) })
const Named = z.looseObject({ job_id: z.string() })

/** A provider by the contract of platform-apis 6.2, down to one that has only POST /jobs and GET /jobs/{id}. */
export function httpProvider(options: HttpProviderOptions): MlProvider {
  // Learnt from its first refusal: a minimal provider is asked about one job at a time.
  let hasBatch = true
  const get = (id: string) => askOne(options, id)
  return {
    idempotent: options.idempotent,
    batchSize: 100,
    callsFor: (jobs) => (hasBatch ? 1 : jobs),
    submit: async (job) => {
      const body = JSON.stringify({ type: types[job.kind], model: job.model, input: job.input })
      const answer = await call(options, 'POST', '/jobs', body, {
        'idempotency-key': job.key,
        ...(job.traceparent ? { traceparent: job.traceparent } : {}),
      })
      if (answer.status >= 300) throw refusal(answer)
      const accepted = Accepted.safeParse(parseJson(answer.text))
      if (!accepted.success)
        throw new RetryableError('the answer names no job', { reason: 'broken_answer', maybeDone: true })
      return { jobId: accepted.data.job_id, afterMs: retryAfterMs(answer.headers) }
    },
    ask: async (ids) => {
      const many = hasBatch ? await askMany(options, ids) : undefined
      if (many) return many
      hasBatch = false
      return new Map(await pMap(ids, async (id) => [id, await get(id)] as const, { concurrency: 8 }))
    },
  }
}

function call(
  options: HttpProviderOptions,
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<HttpAnswer> {
  return request(options.fetch, `${options.baseUrl}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  })
}

/** Many jobs by one call; undefined when the provider has no such call. */
async function askMany(
  options: HttpProviderOptions,
  ids: readonly string[],
): Promise<Map<string, MlAnswer> | undefined> {
  const answer = await call(options, 'POST', '/jobs:batchGet', JSON.stringify({ ids, view: 'full' }))
  if (answer.status === 404 || answer.status === 405) return undefined
  if (answer.status !== 200) throw refusal(answer)
  const batch = Batch.safeParse(parseJson(answer.text))
  if (!batch.success) throw new RetryableError('the answer is no batch of jobs', { reason: 'broken_answer' })
  const answers = new Map<string, MlAnswer>(ids.map((id) => [id, { state: 'pending', afterMs: undefined }]))
  for (const id of batch.data.not_found) answers.set(id, { state: 'unknown' })
  for (const job of batch.data.jobs) {
    const id = Named.safeParse(job).data?.job_id
    if (id !== undefined) answers.set(id, answerFrom(job, undefined))
  }
  return answers
}

async function askOne(options: HttpProviderOptions, id: string): Promise<MlAnswer> {
  const answer = await call(options, 'GET', `/jobs/${encodeURIComponent(id)}`)
  if (answer.status === 404) return { state: 'unknown' }
  if (answer.status === 410) return { state: 'gone' }
  if (answer.status !== 200) throw refusal(answer)
  try {
    return answerFrom(JSON.parse(answer.text), retryAfterMs(answer.headers))
  } catch {
    return { state: 'broken', body: answer.text.slice(0, 4000).toWellFormed() }
  }
}

/** The verdict on a refusal: slow down, wrong key, not now, or never. */
function refusal(answer: HttpAnswer): Error {
  const { status, headers } = answer
  const afterMs = retryAfterMs(headers)
  const message = `the ML provider answered ${status}`
  if (status === 429 || status === 503) {
    return new RetryableError(message, { scope: 'pool', reason: 'rate', afterMs: afterMs ?? 60_000 })
  }
  if (status === 401 || status === 403) {
    return new RetryableError(`${message}: it refuses the key`, {
      scope: 'pool',
      reason: 'credential',
      afterMs: 3_600_000,
    })
  }
  // No such path: the wrong address, or an ingress in trouble. No job is to blame.
  if (status === 404 || status === 405)
    return new RetryableError(message, { scope: 'pool', reason: 'provider', afterMs: 300_000 })
  if (status === 409 || status === 408) return new RetryableError(message, { reason: 'busy', afterMs })
  if (status >= 500) return new RetryableError(message, { reason: 'provider', afterMs, maybeDone: true })
  return new TerminalError(`${message}: ${answer.text.slice(0, 300)}`, { reason: 'refused' })
}
