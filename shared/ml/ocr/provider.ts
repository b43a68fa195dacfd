import pMap from 'p-map'
import * as z from 'zod'
import { oneLine, RetryableError, TerminalError } from '../../errors.ts'
import { type Fetch, type HttpAnswer, request } from '../../http/request.ts'
import { retryAfterMs } from '../../http/retry-after.ts'
import type { FetchPicture } from '../../media/fetch-picture.ts'
import { jsonOf } from '../../model/json.ts'
import type { MlAccepted, MlAnswer, MlProvider, MlRequest } from '../provider.ts'
import { isAnswered, noAnswer, orAway, refusal } from '../refusal.ts'
import { textsOf } from './answer.ts'

export interface OcrOptions {
  readonly fetch: Fetch
  readonly fetchPicture: FetchPicture
  readonly baseUrl: string
  /** Where operations are asked about. */
  readonly operationsUrl: string
  readonly apiKey: string | undefined
  readonly folder: string | undefined
  readonly languages: readonly string[]
}

const Started = z.looseObject({ id: z.string().min(1) })
const Operation = z.looseObject({
  done: z.boolean().default(false),
  error: z.looseObject({ code: z.number().optional(), message: z.string().optional() }).nullish(),
})

/** Codes of gRPC that may go by: out of room, internal, unavailable. */
const passing = new Set([8, 13, 14])

/**
 * Text in pictures by the asynchronous recognition of Yandex Vision OCR. It recognises no repeats; results are kept for three days
 * (Vision OCR).
 */
export function ocrProvider(options: OcrOptions): MlProvider {
  return {
    idempotent: false,
    batchSize: 20,
    inFlight: 3,
    learnSize: () => undefined,
    // Of each its operation, and then its result.
    callsFor: (jobs) => 2 * jobs,
    submit: (job, signal) => submit(options, job, signal),
    ask: async (ids, signal) => {
      const answers = new Map<string, MlAnswer>()
      const ask = async (id: string) => void answers.set(id, await askOne(options, id, signal))
      await pMap(ids, ask, { concurrency: 4 })
      return answers
    },
    isUp: (signal) => isAnswered(call(options, 'GET', operationUrl(options, 'none'), undefined, signal)),
  }
}

const operationUrl = ({ operationsUrl }: OcrOptions, id: string) =>
  `${operationsUrl}/operations/${encodeURIComponent(id)}`

async function submit(options: OcrOptions, job: MlRequest, signal: AbortSignal): Promise<MlAccepted> {
  const [medium] = job.input.media ?? []
  if (!medium) throw new TerminalError('there is no picture to read', { reason: 'no_picture' })
  const { bytes, type } = await options.fetchPicture(medium.url, signal)
  if (type !== 'image/jpeg' && type !== 'image/png')
    throw new TerminalError(`Vision OCR reads no ${type}`, { reason: 'no_picture' })
  const body = {
    content: bytes.toString('base64'),
    mimeType: type === 'image/png' ? 'PNG' : 'JPEG',
    languageCodes: options.languages,
    model: job.model,
  }
  // Not ended by the signal: an operation whose id is lost is paid for.
  const answer = await call(options, 'POST', `${options.baseUrl}/ocr/v1/recognizeTextAsync`, body, undefined)
  if (answer.status !== 200) throw refusal(answer)
  const started = Started.safeParse(jsonOf(answer.text))
  if (!started.success) throw noAnswer('the answer to sending names no operation', true)
  return { jobId: started.data.id, afterMs: retryAfterMs(answer.headers) }
}

async function askOne(options: OcrOptions, id: string, signal: AbortSignal): Promise<MlAnswer> {
  const answer = await call(options, 'GET', operationUrl(options, id), undefined, signal)
  if (answer.status === 404) return { state: 'unknown' }
  if (answer.status !== 200) throw refusal(answer)
  const operation = Operation.safeParse(jsonOf(answer.text))
  if (!operation.success) throw new RetryableError('the answer is no operation', { reason: 'broken_answer' })
  const { done, error } = operation.data
  if (!done) return { state: 'pending', afterMs: undefined }
  if (error?.code) {
    const message = oneLine(error.message ?? 'recognition failed')
    return {
      state: 'failed',
      error: { code: `grpc_${error.code}`, message },
      retryable: passing.has(error.code),
    }
  }
  return resultOf(options, id, signal)
}

async function resultOf(options: OcrOptions, id: string, signal: AbortSignal): Promise<MlAnswer> {
  const url = `${options.baseUrl}/ocr/v1/getRecognition?operationId=${encodeURIComponent(id)}`
  const answer = await call(options, 'GET', url, undefined, signal)
  // Said of results that are not there yet, and of those that are there no more.
  const isLate = answer.status === 404 && answer.text.includes('not ready')
  if (isLate || (answer.status === 200 && answer.text.trim() === ''))
    return { state: 'pending', afterMs: undefined }
  if (answer.status === 404) return { state: 'gone' }
  if (answer.status !== 200) throw refusal(answer)
  const texts = textsOf(answer.text)
  if (!texts) return { state: 'broken', body: oneLine(answer.text.slice(0, 4_000)) }
  return { state: 'done', result: { items: [{ status: 'ok', texts }] }, modelVersion: null }
}

async function call(
  { fetch, apiKey, folder }: OcrOptions,
  method: 'GET' | 'POST',
  url: string,
  body: object | undefined,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  try {
    return await request(fetch, url, {
      method,
      ...(signal ? { signal } : {}),
      headers: {
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(apiKey === undefined ? {} : { authorization: `Api-Key ${apiKey}` }),
        ...(folder === undefined ? {} : { 'x-folder-id': folder }),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  } catch (error) {
    throw orAway(error)
  }
}
