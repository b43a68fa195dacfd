import pMap from 'p-map'
import * as z from 'zod'
import { RetryableError } from '../errors.ts'
import { type Fetch, type HttpAnswer, request } from '../http/request.ts'
import { retryAfterMs } from '../http/retry-after.ts'
import { jsonOf } from '../model/json.ts'
import type { MlAccepted, MlAnswer, MlProvider, MlRequest } from './provider.ts'
import { isAnswered, noAnswer, orAway, refusal } from './refusal.ts'
import { answerFrom } from './results.ts'

export interface HttpProviderOptions {
  readonly fetch: Fetch
  readonly baseUrl: string
  /** Absent: the provider wants none. */
  readonly apiKey?: string | undefined
  readonly idempotent: boolean
  /** Where it may say that a job has come to its end; absent: it is not asked to. */
  readonly callback?: string | undefined
}

const Accepted = z.looseObject({ job_id: z.string().min(1) })
const Batch = z.looseObject({ jobs: z.array(z.unknown()), not_found: z.array(z.string()).default([]) })
const WithJobId = z.looseObject({ job_id: z.string() })

const mostAtOnce = 100

/** A provider that takes jobs over HTTP, down to one that has only POST /jobs and GET /jobs/{id}. */
export function httpProvider(options: HttpProviderOptions): MlProvider {
  // Learnt from its answers: a minimal provider is asked about one job at a time, and some take fewer in a call.
  let hasBatch = true
  let size = mostAtOnce
  return {
    idempotent: options.idempotent,
    get batchSize() {
      return size
    },
    learnSize: (jobs, isGood) => {
      if (!isGood) size = Math.max(1, Math.floor(jobs / 2))
      else if (jobs >= size) size = Math.min(mostAtOnce, size * 2)
    },
    callsFor: (jobs) => (hasBatch ? 1 : jobs),
    submit: (job, signal) => submit(options, job, options.idempotent ? signal : undefined),
    ask: async (ids, signal) => {
      const many = hasBatch ? await askMany(options, ids, signal) : undefined
      if (many) return many
      const answers = await askEach(options, ids, signal)
      hasBatch = false
      return answers
    },
    isUp: (signal) => isAnswered(call(options, { method: 'GET', path: '/jobs/0', signal })),
  }
}

async function submit(
  options: HttpProviderOptions,
  job: MlRequest,
  signal: AbortSignal | undefined,
): Promise<MlAccepted> {
  const { callback: url } = options
  const callback = url === undefined ? {} : { callback: { url, events: ['done'] } }
  const body = JSON.stringify({ type: job.kind, model: job.model, input: job.input, ...callback })
  const headers = {
    'idempotency-key': job.key,
    ...(job.traceparent ? { traceparent: job.traceparent } : {}),
  }
  const answer = await call(options, { method: 'POST', path: '/jobs', body, headers, signal })
  if (answer.status >= 300) throw refusal(answer)
  const accepted = Accepted.safeParse(jsonOf(answer.text))
  if (!accepted.success) throw noAnswer('the answer to sending names no job', true)
  return { jobId: accepted.data.job_id, afterMs: retryAfterMs(answer.headers) }
}

/** Job by job. Where none of several is known, and there is no call for many either, the address is wrong. */
async function askEach(
  options: HttpProviderOptions,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, MlAnswer>> {
  const [first = '', ...others] = ids
  const answers = new Map([[first, await askOne(options, first, signal)]])
  const ask = async (id: string) => void answers.set(id, await askOne(options, id, signal))
  await pMap(others.slice(0, few), ask, { concurrency: few })
  const isNowhere = answers.size > few && [...answers.values()].every(({ state }) => state === 'unknown')
  if (isNowhere) throw noAnswer('the ML provider answers 404 to everything', false)
  await pMap(others.slice(few), ask, { concurrency: 8 })
  return answers
}

const few = 2

interface ProviderCall {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal | undefined
}

async function call(options: HttpProviderOptions, it: ProviderCall): Promise<HttpAnswer> {
  try {
    return await exchange(options, it)
  } catch (error) {
    throw orAway(error)
  }
}

function exchange(
  options: HttpProviderOptions,
  { method, path, body, headers, signal }: ProviderCall,
): Promise<HttpAnswer> {
  return request(options.fetch, `${options.baseUrl}${path}`, {
    method,
    ...(signal ? { signal } : {}),
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
  signal: AbortSignal,
): Promise<Map<string, MlAnswer> | undefined> {
  const body = JSON.stringify({ ids, view: 'full' })
  const answer = await call(options, { method: 'POST', path: '/jobs:batchGet', body, signal })
  if (answer.status === 404 || answer.status === 405) return undefined
  if (answer.status !== 200) throw refusal(answer)
  const batch = Batch.safeParse(jsonOf(answer.text))
  if (!batch.success) throw new RetryableError('the answer is no batch of jobs', { reason: 'broken_answer' })
  const answers = new Map<string, MlAnswer>(
    ids.map((id) => [id, { state: 'pending', afterMs: undefined, isUntold: true }]),
  )
  for (const id of batch.data.not_found) answers.set(id, { state: 'unknown' })
  for (const job of batch.data.jobs) {
    const id = WithJobId.safeParse(job).data?.job_id
    if (id !== undefined) answers.set(id, answerFrom(job, undefined))
  }
  return answers
}

async function askOne(options: HttpProviderOptions, id: string, signal: AbortSignal): Promise<MlAnswer> {
  const answer = await call(options, { method: 'GET', path: `/jobs/${encodeURIComponent(id)}`, signal })
  if (answer.status === 404) return { state: 'unknown' }
  if (answer.status === 410) return { state: 'gone' }
  if (answer.status !== 200) throw refusal(answer)
  const body = jsonOf(answer.text)
  // A page of a proxy says nothing of the job.
  if (body === undefined) throw new RetryableError('the answer is no job', { reason: 'broken_answer' })
  return answerFrom(body, retryAfterMs(answer.headers))
}
