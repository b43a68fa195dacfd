import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { blockPool, exhaustWindow, reserveQuota } from '#shared/db/tables/quota-windows.ts'
import type { QuotaNeed } from '#shared/model/quota.ts'
import { Lane } from '#shared/model/sync.ts'
import { openTestDatabase } from '../setup/database.ts'

const needOf = (units: number, limit = 100): QuotaNeed => ({
  units,
  windows: [
    { pool: 'p.day', limit, period: 'day', zone: 'America/Los_Angeles' },
    { pool: 'p.minute', limit: 1000, period: 'minute', zone: 'UTC' },
  ],
})

test('fifty workers at once never overspend a window', async () => {
  const { db } = await openTestDatabase()
  const costs = Array.from({ length: 50 }, (_, index) => 1 + (index % 7))
  const granted = await Promise.all(
    costs.map(async (units) => ((await reserveQuota(db, needOf(units), 'ad-hoc')).granted ? units : 0)),
  )
  const sum = granted.reduce((a, b) => a + b, 0)
  const [window] = await db.rows<{ used: number }>(sql`select used from quota_windows where pool = 'p.day'`)
  expect(window?.used).toBe(sum)
  expect(sum).toBeLessThanOrEqual(100)
  expect(sum).toBeGreaterThan(93)
})

test('in no sixty minutes, however they lie, more is granted than a rolling hour holds', async () => {
  const { db, clock } = await openTestDatabase()
  const need: QuotaNeed = {
    units: 1,
    windows: [{ pool: 'p.hour', limit: 20, period: 'rolling hour', zone: 'UTC' }],
  }
  const granted: number[] = []
  const random = fc.sample(fc.integer({ min: 1, max: 25 }), { numRuns: 60, seed: 7 })
  for (const [index, burst] of random.entries()) {
    const asked = await Promise.all(Array.from({ length: burst }, () => reserveQuota(db, need, 'ad-hoc')))
    const now = clock.now().getTime()
    for (const reservation of asked) {
      if (reservation.granted) granted.push(now)
      // A caller that waits until the given time does not get the same answer for ever.
      else expect(reservation.opens_at.getTime()).toBeGreaterThan(now)
    }
    await clock.jumpTo(new Date(now + ((index * 7) % 30) * 60_000 + 1000))
  }
  expect(granted.length).toBeGreaterThan(120)
  for (const at of granted) {
    const within = granted.filter((other) => other > at - 3_600_000 && other <= at)
    expect(within.length).toBeLessThanOrEqual(20)
  }
})

test('whatever fifty workers ask for in whatever lanes and order, what is granted is what is counted', async () => {
  const { db } = await openTestDatabase()
  const worker = fc.record({ units: fc.integer({ min: 0, max: 9 }), lane: fc.constantFrom(...Lane.options) })
  const workers = fc.array(worker, { minLength: 50, maxLength: 50 })
  let pool = 0
  await fc.assert(
    fc.asyncProperty(workers, fc.integer({ min: 1, max: 200 }), async (asked, limit) => {
      pool += 1
      const need = (units: number): QuotaNeed => ({
        units,
        windows: [
          { pool: `p${pool}.day`, limit, period: 'day', zone: 'America/Los_Angeles' },
          { pool: `p${pool}.hour`, limit: 150, period: 'hour', zone: 'UTC' },
        ],
      })
      const granted = await Promise.all(
        asked.map(async ({ units, lane }) =>
          (await reserveQuota(db, need(units), lane)).granted ? units : 0,
        ),
      )
      const windows = await db.rows<{ pool: string; used: number; limit: number }>(
        sql`select pool, used, "limit" from quota_windows where pool like ${`p${pool}.%`}`,
      )
      const sum = granted.reduce((a, b) => a + b, 0)
      for (const { used, limit: most } of windows) expect(used).toBeLessThanOrEqual(most)
      // The narrower window holds what both granted; the wider one also what only it granted.
      expect(windows.find((window) => window.pool.endsWith('.hour'))?.used ?? 0).toBe(sum)
    }),
    { numRuns: 15 },
  )
})

test('lanes leave a share to more urgent ones', async () => {
  const { db } = await openTestDatabase()
  const count = async (lane: 'ad-hoc' | 'schedule' | 'backfill') => {
    let granted = 0
    while ((await reserveQuota(db, needOf(1), lane)).granted) granted += 1
    return granted
  }
  expect([await count('backfill'), await count('schedule'), await count('ad-hoc')]).toEqual([80, 15, 5])
})

test('a refusal says when the Pacific day ends', async () => {
  const { db, clock } = await openTestDatabase()
  await clock.jumpTo(new Date('2027-03-14T04:00:00Z'))
  await reserveQuota(db, needOf(100), 'ad-hoc')
  const refused = await reserveQuota(db, needOf(1), 'ad-hoc')
  // Clocks go forward that night: the 13th ends at 08:00 UTC, the 14th at 07:00.
  expect(refused).toMatchObject({ granted: false, opens_at: new Date('2027-03-14T08:00:00Z') })
  await clock.jumpTo(new Date('2027-03-14T09:00:00Z'))
  await reserveQuota(db, needOf(100), 'ad-hoc')
  expect(await reserveQuota(db, needOf(1), 'ad-hoc')).toMatchObject({
    opens_at: new Date('2027-03-15T07:00:00Z'),
  })
})

test('what the platform says is used up stays used up, and a block outlives its window', async () => {
  const { db, clock } = await openTestDatabase()
  await clock.jumpTo(new Date('2027-03-20T20:00:00Z'))
  const first = await reserveQuota(db, needOf(3), 'ad-hoc')
  if (!first.granted) throw new Error('refused')
  const [day, minute] = first.windows
  if (!day || !minute) throw new Error('no windows')
  await blockPool(db, minute, 180_000)
  expect((await reserveQuota(db, needOf(1), 'ad-hoc')).granted).toBe(false)
  await clock.jumpTo(new Date(clock.now().getTime() + 120_000))
  expect((await reserveQuota(db, needOf(1), 'ad-hoc')).granted).toBe(false)
  await clock.jumpTo(new Date(clock.now().getTime() + 61_000))
  expect((await reserveQuota(db, needOf(1), 'ad-hoc')).granted).toBe(true)
  await exhaustWindow(db, day)
  expect(
    await db.rows(
      sql`select used, "limit" from quota_windows where pool = 'p.day' and window_start = ${day.window_start}`,
    ),
  ).toEqual([{ used: 100, limit: 100 }])
})

test('a day that has just opened by our clock is not closed by what may be said of the day before', async () => {
  const { db, clock } = await openTestDatabase()
  const exhaust = async () => {
    const reserved = await reserveQuota(db, needOf(1), 'ad-hoc')
    const [day] = reserved.granted ? reserved.windows : []
    if (day) await exhaustWindow(db, day)
    return reserved.granted
  }
  // Five minutes after midnight in California.
  await clock.jumpTo(new Date('2027-03-20T07:05:00Z'))
  expect(await exhaust()).toBe(true)
  expect(await exhaust()).toBe(false)
  await clock.jumpTo(new Date('2027-03-20T07:31:00Z'))
  // No clock is ahead by so much: now it is the day itself that is used up.
  expect(await exhaust()).toBe(true)
  await clock.jumpTo(new Date('2027-03-21T06:59:00Z'))
  expect(await exhaust()).toBe(false)
})
