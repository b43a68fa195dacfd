import { expect, test } from 'vitest'
import { blockPool, exhaustWindow, reserveQuota } from '#shared/db/quota-windows.ts'
import { sql } from '#shared/db/sql.ts'
import type { QuotaNeed } from '#shared/model/quota.ts'
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
