import * as z from 'zod'
import { oneLine } from '../../errors.ts'
import { type Fetch, type HttpAnswer, request } from '../../http/request.ts'
import { retryAfterMs } from '../../http/retry-after.ts'
import type { FetchPicture } from '../../media/fetch-picture.ts'
import { jsonOf } from '../../model/json.ts'
import { answerOf, instructions } from '../prompt.ts'
import type { LastAnswer, MlAccepted, MlProvider, MlRequest } from '../provider.ts'
import { isAnswered, noAnswer, noCredit, orAway, refusal } from '../refusal.ts'

export interface ChatOptions {
  readonly fetch: Fetch
  readonly fetchPicture: FetchPicture
  /** Where `/chat/completions` is. */
  readonly baseUrl: string
  readonly apiKey: string | undefined
  /** The folder in which models of AI Studio are called; absent: models are named whole. */
  readonly folder?: string | undefined
}

const Completion = z.looseObject({
  model: z.string().nullish(),
  choices: z
    .array(
      z.looseObject({
        finish_reason: z.string().nullish(),
        message: z.looseObject({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
})

/** With the picture before it shorter than what is left to a function when it begins no more, and than the lease of a job. */
const timeoutMs = 40_000
const mostTokens = 1_000

/**
 * A language model behind the chat completions of OpenAI, as AI Studio has them too: it is sent the text or the picture itself and
 * answers in the same call. It recognises no repeats, so that a lost answer is paid for again.
 */
export function chatProvider(options: ChatOptions): MlProvider {
  return {
    idempotent: false,
    batchSize: 100,
    inFlight: 3,
    learnSize: () => undefined,
    callsFor: () => 0,
    submit: (job, signal) => complete(options, job, signal),
    // Its answers are written together with the jobs being sent: there is nothing to be asked for.
    ask: async (ids) => new Map(ids.map((id) => [id, { state: 'gone' }])),
    isUp: (signal) => isAnswered(call(options, 'GET', '/models', undefined, signal)),
  }
}

async function complete(options: ChatOptions, job: MlRequest, signal: AbortSignal): Promise<MlAccepted> {
  const [medium] = job.input.media ?? []
  const shown = medium ? await imagePart(options, medium.url, signal) : undefined
  const content = shown
    ? [{ type: 'text', text: instructions(job.kind) }, shown]
    : [{ type: 'text', text: job.input.text ?? '' }]
  const messages = shown
    ? [{ role: 'user', content }]
    : [
        { role: 'system', content: instructions(job.kind) },
        { role: 'user', content },
      ]
  const body = { model: modelOf(options, job.model), messages, temperature: 0, max_tokens: mostTokens }
  // Not ended by the signal: what was asked is paid for.
  const answer = await call(options, 'POST', '/chat/completions', body, undefined)
  const completion = completionIn(answer)
  const last: LastAnswer = completion
    ? read(job, completion)
    : { state: 'broken', body: oneLine(answer.text.slice(0, 4_000)) }
  return { jobId: job.key, afterMs: undefined, answer: last }
}

async function imagePart({ fetchPicture }: ChatOptions, url: string, signal: AbortSignal) {
  const { bytes, type } = await fetchPicture(url, signal)
  return { type: 'image_url', image_url: { url: `data:${type};base64,${bytes.toString('base64')}` } }
}

const modelOf = ({ folder }: ChatOptions, model: string): string =>
  folder === undefined || model.includes('://') ? model : `gpt://${folder}/${model}`

/** What a model has worked on is paid for, whatever it made. */
const Worked = z.union([
  z.looseObject({ usage: z.looseObject({}) }),
  z.looseObject({ choices: z.array(z.unknown()) }),
])

/**
 * The completion in an answer. undefined: the model made none of what it was asked. Throws the verdict where it has not worked at all:
 * then nothing is paid for.
 */
function completionIn(answer: HttpAnswer): z.output<typeof Completion> | undefined {
  const message = `the model answered ${answer.status}: ${messageIn(answer).slice(0, 200)}`
  // No credit is left, or the account is not paid for.
  if (answer.status === 402) throw noCredit(message)
  if (answer.status >= 500) throw noAnswer(message, answer.status === 504, retryAfterMs(answer.headers))
  if (answer.status !== 200) throw refusal({ ...answer, text: messageIn(answer) })
  const body = jsonOf(answer.text)
  const completion = Completion.safeParse(body)
  // A page of a proxy says nothing of the job.
  if (!completion.success && !Worked.safeParse(body).success) throw noAnswer(message, false)
  return completion.data
}

function read(job: MlRequest, { choices, model }: z.output<typeof Completion>): LastAnswer {
  const [choice] = choices
  const message = choice?.message.refusal ?? choice?.message.content ?? ''
  if (choice?.finish_reason === 'content_filter' || choice?.message.refusal)
    return { state: 'failed', error: { code: 'content_filter', message: oneLine(message) }, retryable: false }
  return answerOf(job.kind, message, { mediumId: job.input.media?.[0]?.id, model: model ?? null })
}

/** Errors have several forms here. */
const Refused = z.looseObject({
  message: z.string().optional(),
  error: z.union([z.string(), z.looseObject({ message: z.string().optional() })]).optional(),
})

function messageIn({ text }: HttpAnswer): string {
  const { message, error } = Refused.safeParse(jsonOf(text)).data ?? {}
  return (typeof error === 'string' ? error : error?.message) ?? message ?? text
}

async function call(
  { fetch, baseUrl, apiKey, folder }: ChatOptions,
  method: 'GET' | 'POST',
  path: string,
  body: object | undefined,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  try {
    return await request(fetch, `${baseUrl}${path}`, {
      // Some send spaces while the model works.
      ...{ method, timeoutMs, stallMs: timeoutMs },
      ...(signal ? { signal } : {}),
      headers: {
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        ...(folder === undefined ? {} : { 'openai-project': folder }),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  } catch (error) {
    throw orAway(error)
  }
}
