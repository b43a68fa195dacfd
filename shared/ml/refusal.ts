import { RetryableError, Stopped, TerminalError } from '../errors.ts'
import type { HttpAnswer } from '../http/request.ts'
import { retryAfterMs } from '../http/retry-after.ts'

/** How long a provider that is away is left alone; then a few calls show whether it is back. */
const awayMs = 120_000

/** By this one call the provider is in trouble: no job is to blame, unless others are accepted meanwhile. */
export const noAnswer = (message: string, maybeDone: boolean, afterMs = awayMs) =>
  new RetryableError(message, { scope: 'pool', reason: 'provider', maybeDone, afterMs })

/** A provider asks to be called less often. */
export const slowDown = (message: string, afterMs = 60_000) =>
  new RetryableError(message, { scope: 'pool', reason: 'rate', afterMs })

/** The key of a provider is wrong, or may not do this. */
export const keyRefused = (message: string) =>
  new RetryableError(`${message}: it refuses the key`, {
    scope: 'pool',
    reason: 'credential',
    afterMs: 3_600_000,
  })

/** Nothing is done until someone pays. */
export const noCredit = (message: string) =>
  new RetryableError(message, { scope: 'pool', reason: 'credit', afterMs: 3_600_000 })

/** The verdict on a refusal over HTTP: slow down, wrong key, not now, or never. */
export function refusal(answer: Pick<HttpAnswer, 'status' | 'headers' | 'text'>): Error {
  const { status, headers } = answer
  const afterMs = retryAfterMs(headers)
  const message = `the ML provider answered ${status}`
  if (status === 429 || status === 503) return slowDown(message, afterMs)
  if (status === 401 || status === 403) return keyRefused(message)
  // No such path: the wrong address, or an ingress in trouble. No job is to blame.
  if (status === 404 || status === 405)
    return new RetryableError(message, { scope: 'pool', reason: 'provider', afterMs: 300_000 })
  if (status === 409) return new RetryableError(message, { reason: 'busy', afterMs })
  if (status >= 500 || status === 408) return noAnswer(message, true, afterMs)
  return new TerminalError(`${message}: ${answer.text.slice(0, 300)}`, { reason: 'refused' })
}

/** No answer at all is the provider's trouble, as far as one call shows. */
export function orAway(error: unknown): unknown {
  if (!(error instanceof RetryableError) || error.reason !== 'unreachable') return error
  return noAnswer(error.message, error.maybeDone)
}

/** Whether anything answers a call, but for trouble of its own; a caller that is let wait until it stops is not answered. */
export async function isAnswered(call: Promise<Pick<HttpAnswer, 'status'>>): Promise<boolean> {
  try {
    return (await call).status < 500
  } catch (error) {
    if (error instanceof RetryableError || error instanceof Stopped) return false
    throw error
  }
}
