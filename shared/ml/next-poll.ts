const minute = 60_000
const mostMs = 3 * 60 * minute

/**
 * How long to wait before asking about a job again: a tenth of its age, at least a minute, at most three hours, so
 * that a job of three days is asked about some 80 times. Jitter shortens by up to a tenth. What the provider asked
 * for is a lower bound.
 * @param random in [0, 1)
 */
export function nextAskMs(ageMs: number, afterMs: number | undefined, random: number): number {
  const tenth = Math.min(mostMs, Math.max(minute, ageMs / 10))
  return Math.round(Math.max(minute, tenth * (1 - random / 10), afterMs ?? 0))
}
