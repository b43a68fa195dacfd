import { RetryableError, Stopped } from '../errors.ts'
import { openTimeLimit, type TimeLimit } from './time-limit.ts'

/** The part of `fetch` that is used; passed in, so that tests can stop a run at any call. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** performance.now() when the answer had arrived whole. */
  readonly answeredAt: number
}

export interface RequestOptions extends RequestInit {
  /** For the whole exchange: until the last byte of the body. */
  readonly timeoutMs?: number
  readonly maxBytes?: number
}

/** A body that brings less than this in each five seconds is taken for stalled. */
const leastBytes = 1_000
const stallMs = 5_000

/**
 * One HTTP exchange within a time and a size, at a least rate. Any status is an answer. No answer is a RetryableError
 * whose `maybeDone` says that the request may have been carried out. When the caller's `signal` aborts, an exchange under
 * way has five seconds more, and then throws Stopped; none is begun after it.
 */
export async function request(fetch: Fetch, url: string, options: RequestOptions = {}): Promise<HttpAnswer> {
  const { timeoutMs = 15_000, maxBytes = 8_000_000, signal, ...init } = options
  if (signal?.aborted) throw new Stopped('the caller stopped before the call was made')
  const exchange = openTimeLimit(timeoutMs, signal)
  try {
    const response = await exchange.within(
      fetch(url, { ...init, redirect: 'error', signal: exchange.signal }),
    )
    const text = await readText(response, maxBytes, exchange)
    return { status: response.status, headers: response.headers, text, answeredAt: performance.now() }
  } catch (cause) {
    if (cause instanceof RetryableError || cause instanceof Stopped) throw cause
    throw new RetryableError(`no answer from ${new URL(url).host}`, {
      reason: 'unreachable',
      maybeDone: !neverLeft(cause),
      cause,
    })
  } finally {
    exchange.close()
  }
}

async function readText(response: Response, maxBytes: number, exchange: TimeLimit): Promise<string> {
  if (!response.body) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let bytes = 0
  let text = ''
  let bytesBefore = 0
  const watch = setInterval(() => {
    if (bytes - bytesBefore < leastBytes) exchange.breakOff('the body stalls')
    bytesBefore = bytes
  }, stallMs)
  try {
    for (;;) {
      const { done, value } = await exchange.within(reader.read())
      if (done) return text + decoder.decode()
      bytes += value.byteLength
      if (bytes > maxBytes) throw tooLarge(maxBytes)
      text += decoder.decode(value, { stream: true })
    }
  } catch (error) {
    // Without it the rest of the body goes on arriving.
    reader.cancel(error).catch(() => undefined)
    throw error
  } finally {
    clearInterval(watch)
  }
}

const tooLarge = (maxBytes: number) =>
  new RetryableError(`answer larger than ${maxBytes} bytes`, { reason: 'too_large', maybeDone: true })

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
