import { RetryableError, Stopped } from '../errors.ts'
import { openTimeLimit, type TimeLimit } from './time-limit.ts'

/** The part of `fetch` that is used; passed in, so that tests can stop a run at any call. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface HttpAnswer extends Received {
  readonly text: string
}

interface Received {
  readonly status: number
  readonly headers: Headers
  /** performance.now() when the answer had arrived whole. */
  readonly answeredAt: number
}

export interface RequestOptions extends RequestInit {
  /** For the whole exchange: until the last byte of the body. */
  readonly timeoutMs?: number
  readonly maxBytes?: number
  /** A body that brings next to nothing for so long is taken for stalled; five seconds when absent. */
  readonly stallMs?: number
}

/** A body that brings less than this in that time is taken for stalled. */
const leastBytes = 1_000
const usualStallMs = 5_000

/**
 * One HTTP exchange within a time and a size, at a least rate. Any status is an answer. No answer is a RetryableError
 * whose `maybeDone` says that the request may have been carried out. When the caller's `signal` aborts, an exchange under
 * way has five seconds more, and then throws Stopped; none is begun after it.
 */
export async function request(fetch: Fetch, url: string, options: RequestOptions = {}): Promise<HttpAnswer> {
  const decoder = new TextDecoder()
  let text = ''
  const answer = await exchange(fetch, url, options, (part) => {
    text += decoder.decode(part, { stream: true })
  })
  return { ...answer, text: text + decoder.decode() }
}

/** The same for a body that is no text. */
export async function requestBytes(
  fetch: Fetch,
  url: string,
  options: RequestOptions = {},
): Promise<Received & { readonly bytes: Buffer }> {
  const parts: Uint8Array[] = []
  const answer = await exchange(fetch, url, options, (part) => parts.push(part))
  return { ...answer, bytes: Buffer.concat(parts) }
}

type Take = (part: Uint8Array) => void

async function exchange(fetch: Fetch, url: string, options: RequestOptions, take: Take): Promise<Received> {
  const { timeoutMs = 15_000, maxBytes = 8_000_000, stallMs = usualStallMs, signal, ...init } = options
  if (signal?.aborted) throw new Stopped('the caller stopped before the call was made')
  const limit = openTimeLimit(timeoutMs, signal)
  try {
    const response = await limit.within(
      fetch(url, { ...init, redirect: init.redirect ?? 'error', signal: limit.signal }),
    )
    await readBody(response, { maxBytes, stallMs }, limit, take)
    return { status: response.status, headers: response.headers, answeredAt: performance.now() }
  } catch (cause) {
    if (cause instanceof RetryableError || cause instanceof Stopped) throw cause
    throw new RetryableError(`no answer from ${new URL(url).host}`, {
      reason: 'unreachable',
      maybeDone: !neverLeft(cause),
      cause,
    })
  } finally {
    limit.close()
  }
}

async function readBody(
  response: Response,
  { maxBytes, stallMs }: { readonly maxBytes: number; readonly stallMs: number },
  limit: TimeLimit,
  take: Take,
): Promise<void> {
  if (!response.body) return
  const reader = response.body.getReader()
  let bytes = 0
  let bytesBefore = 0
  const watch = setInterval(() => {
    if (bytes - bytesBefore < leastBytes) limit.breakOff('the body stalls')
    bytesBefore = bytes
  }, stallMs)
  try {
    for (;;) {
      const { done, value } = await limit.within(reader.read())
      if (done) return
      bytes += value.byteLength
      if (bytes > maxBytes) throw tooLarge(maxBytes)
      take(value)
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
