import { RetryableError, TerminalError } from '../errors.ts'
import type { HttpAnswer } from '../http/request.ts'
import { retryAfterMs } from '../http/retry-after.ts'

/**
 * Throws a TerminalError where the other side will never take a message, a RetryableError where it may take it later.
 * @param afterS when the other side says so elsewhere than in a header
 */
export function takenOrThrow({ status, headers }: HttpAnswer, who: string, afterS?: number): void {
  if (status >= 200 && status < 300) return
  const message = `${who} answered with ${status}`
  const isPassing = status === 408 || status === 429 || status >= 500
  if (!isPassing) throw new TerminalError(message, { reason: 'refused' })
  throw new RetryableError(message, {
    reason: 'refused',
    afterMs: afterS === undefined ? retryAfterMs(headers) : afterS * 1_000,
  })
}
