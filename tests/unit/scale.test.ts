import { expect, test } from 'vitest'
import { type Load, simulate } from '../../bench/scale-model.ts'

const load: Load = {
  accounts: 86_400,
  hoursBetween: 24,
  callsPerSync: 2,
  msPerCall: 500,
  cpuMsPerSync: 10,
  dueAtStart: 0,
}
const enough = { workers: 1, callsAtOnce: 8, quotas: [] }

test('one account comes due a second, and is read at once where there is room', () => {
  const outcome = simulate(load, enough, 2)
  expect(outcome.synced).toBeCloseTo(86_400, 0)
  expect(outcome).toMatchObject({ delayHours: { half: 0, most: 0 } })
  expect(outcome.waiting).toBeLessThan(2)
  expect(outcome.coresBusy).toBeCloseTo(0.01, 3)
})

test('no more is read in a window than its quota has, and what waits is due once', () => {
  const outcome = simulate(load, { ...enough, quotas: [{ calls: 20_000, periodSeconds: 86_400 }] }, 12)
  expect(outcome.synced).toBeCloseTo(10_000, 0)
  expect(outcome.waiting).toBeLessThanOrEqual(load.accounts)
  expect(outcome.waiting).toBeGreaterThan(load.accounts - 10_001)
  expect(outcome.caughtUpHours).toBe(0)
})

test('what came due during an outage is read as fast as calls at once allow, and comes due together again', () => {
  const outcome = simulate({ ...load, dueAtStart: 1 }, enough, 3)
  const hours = 86_400 / 8 / 3_600
  expect(outcome.caughtUpHours).toBeCloseTo(hours, 1)
  expect(outcome.synced).toBeCloseTo(86_400, 0)
  expect(outcome.delayHours.half).toBeCloseTo(hours / 2, 1)
  expect(outcome.delayHours.most).toBeCloseTo(0.95 * hours, 1)
})

test('a core bounds a worker whose calls are quick', () => {
  const slow = simulate({ ...load, msPerCall: 1, cpuMsPerSync: 2_000 }, enough, 1)
  expect(slow.synced).toBeCloseTo(43_200, 0)
  expect(slow.coresBusy).toBeCloseTo(1, 2)
})
