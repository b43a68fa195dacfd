import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from '#shared/http/backoff.ts'
import { retryAfterMs } from '#shared/http/retry-after.ts'
import { nextAskMs } from '#shared/ml/next-poll.ts'
import { cronOf } from '../../local/triggers.ts'

const random = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
const minute = 60_000
const hour = 60 * minute

test('back-off stays between its least and its most, and its bound doubles', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), random, (attempt, draw) => {
      const ms = backoffMs(attempt, minute, 6 * hour, draw)
      expect(ms).toBeGreaterThanOrEqual(minute)
      expect(ms).toBeLessThanOrEqual(Math.min(6 * hour, minute * 2 ** attempt))
    }),
  )
})

test('a job is asked about after a tenth of its age, at least a minute, at most three hours', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 * 24 * hour }), random, (age, draw) => {
      const ms = nextAskMs(age, undefined, draw)
      expect(ms).toBeGreaterThanOrEqual(minute)
      expect(ms).toBeLessThanOrEqual(Math.max(minute, Math.min(3 * hour, age / 10)) + 1)
    }),
  )
  expect(nextAskMs(0, 10 * minute, 0)).toBe(10 * minute)
})

test('a job of three days is asked about some eighty times', () => {
  let asks = 0
  for (let age = 0; age < 72 * hour; age += nextAskMs(age, undefined, 0.5)) asks += 1
  expect(asks).toBeGreaterThan(60)
  expect(asks).toBeLessThan(100)
})

test.for([
  { name: 'seconds', headers: { 'retry-after': '120' }, ms: 120_000 },
  {
    name: 'a date, against the answer’s own',
    headers: { 'retry-after': 'Sun, 01 Nov 2026 10:00:30 GMT', date: 'Sun, 01 Nov 2026 10:00:00 GMT' },
    ms: 30_000,
  },
  { name: 'a date alone', headers: { 'retry-after': 'Sun, 01 Nov 2026 10:00:30 GMT' }, ms: undefined },
  { name: 'nonsense', headers: { 'retry-after': 'soon' }, ms: undefined },
  { name: 'nothing', headers: {}, ms: undefined },
])('Retry-After as $name', ({ headers, ms }) => {
  expect(retryAfterMs(new Headers(headers as Record<string, string>))).toBe(ms)
})

test.for([
  { cron: '* * * * ? *', from: '2026-11-24T10:00:30Z', next: '2026-11-24T10:01:00Z' },
  { cron: '*/5 * * * ? *', from: '2026-11-24T10:00:00Z', next: '2026-11-24T10:05:00Z' },
  { cron: '17 2 * * ? *', from: '2026-11-24T03:00:00Z', next: '2026-11-25T02:17:00Z' },
  { cron: '0 0 ? * 1 *', from: '2026-11-24T00:00:00Z', next: '2026-11-29T00:00:00Z' },
  { cron: '0 9 ? * 2-6', from: '2026-11-28T00:00:00Z', next: '2026-11-30T09:00:00Z' },
  { cron: '0 0 1 1 ? 2028', from: '2026-11-24T00:00:00Z', next: '2028-01-01T00:00:00Z' },
])('the cron $cron fires after $from at $next', ({ cron, from, next }) => {
  expect(cronOf(cron).nextRun(new Date(from))).toEqual(new Date(next))
})
