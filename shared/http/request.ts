import { RetryableError } from '../errors.ts'

/** The part of `fetch` that is used; passed in, so that tests can stop a run at any call. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** performance.now() when the answer had arrived whole. */
  readonly answeredAt: number
}

export interface RequestOptions extends Omit<RequestInit, 'signal'> {
  readonly timeoutMs?: number
  readonly maxBytes?: number
}

/**
 * One HTTP exchange within a time and a size. Any status is an answer. No answer is a RetryableError whose
 * `maybeDone` says that the request may have been carried out.
 */
export async function request(fetch: Fetch, url: string, options: RequestOptions = {}): Promise<HttpAnswer> {
  const { timeoutMs = 15_000, maxBytes = 8_000_000, ...init } = options
  try {
    const response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
    const text = await readText(response, maxBytes)
    return { status: response.status, headers: response.headers, text, answeredAt: performance.now() }
  } catch (cause) {
    if (cause instanceof RetryableError) throw cause
    throw new RetryableError(`no answer from ${new URL(url).host}`, {
      reason: 'unreachable',
      maybeDone: !neverLeft(cause),
      cause,
    })
  }
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  if (!response.body) return ''
  const decoder = new TextDecoder()
  let bytes = 0
  let text = ''
  for await (const chunk of response.body) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) {
      throw new RetryableError(`answer larger than ${maxBytes} bytes`, {
        reason: 'too_large',
        maybeDone: true,
      })
    }
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** Whether the connection was refused, so that the request cannot have been carried out. */
function neverLeft(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN'
}

/** The body as JSON; a broken one is a RetryableError, since a platform in trouble answers with HTML. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new RetryableError('the answer is not JSON', { reason: 'broken_answer', maybeDone: true, cause })
  }
}
