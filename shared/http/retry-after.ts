/** The longest wait that is honoured: a mistaken value would otherwise stop the pool for years. */
const mostMs = 24 * 3_600_000

/**
 * Milliseconds that a `Retry-After` header asks to wait (RFC 9110, 10.2.3): seconds, or a date compared with the
 * answer's own `Date`, so that a wrong clock here does not matter. undefined: absent or not readable.
 */
export function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get('retry-after')?.trim()
  if (!value) return undefined
  if (/^\d{1,9}$/.test(value)) return Math.min(mostMs, Number(value) * 1000)
  const until = Date.parse(value)
  const answered = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(until) || Number.isNaN(answered)
    ? undefined
    : Math.min(mostMs, Math.max(0, until - answered))
}
