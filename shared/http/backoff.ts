/**
 * Full jitter: a time drawn evenly between the least and a bound that doubles with each attempt up to the most.
 * @param attempt from 1
 * @param random in [0, 1)
 */
export function backoffMs(attempt: number, leastMs: number, mostMs: number, random: number): number {
  const bound = Math.min(mostMs, leastMs * 2 ** Math.min(attempt, 30))
  return Math.round(leastMs + (bound - leastMs) * random)
}
