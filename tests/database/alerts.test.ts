import { expect, test } from 'vitest'
import { noticeAlerts } from '#shared/db/operations/notice-alerts.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { standing } from '#shared/db/views/standing-alerts.ts'
import { AlertCause } from '#shared/model/alert.ts'
import { openTestDatabase } from '../setup/database.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

type Findings = Parameters<typeof noticeAlerts>[2]
const notice = (db: Db, findings: Findings = null) =>
  db.transaction((tx) => noticeAlerts(tx, standing, findings))
const standingNow = (db: Db) =>
  db.rows<{ cause: string; subject: string }>(
    sql`select cause, subject from alerts where over_at is null order by cause, subject`,
  )

test('each cause fires when it comes about, once, and is over with it', async () => {
  const { db, syncAll } = await openTestWorld({ observations: fewAccounts(1) })
  await syncAll()
  expect(await notice(db)).toEqual({ fired: 0, over: 0 })
  const violated = [{ name: 'no done ML job without an annotation', count: 3 }]
  const wrong = [
    sql`insert into credentials (platform, sealed, access_expires_at) values ('instagram', '', app_now() + interval '5 days')`,
    sql`insert into credentials (platform, sealed, access_expires_at, status) values ('tiktok', '', app_now() + interval '90 days', 'reauth_required')`,
    sql`insert into app_faults (platform, access_mode, code, message, remedy, look_at) values ('tiktok', 'research', 'app', 'refused', 'look', app_now())`,
    sql`update accounts set synced_at = app_now() - interval '9 days', next_sync_at = app_now() - interval '8 days'`,
    sql`update raw_pages set status = 'parked' where id = (select min(id) from raw_pages)`,
    sql`update ml_jobs set status = 'planned', finished_at = null, created_at = app_now() - interval '2 days' where id = (select min(id) from ml_jobs)`,
    sql`insert into quota_windows (pool, window_start, used, "limit") values ('youtube.test.day', app_now() - interval '2 hours', 9500, 10000)`,
  ]
  for (const change of wrong) await db.rows(change)
  expect(await notice(db, violated)).toEqual({ fired: 8, over: 0 })
  expect((await standingNow(db)).map(({ cause }) => cause)).toEqual(AlertCause.options.toSorted())
  expect(await notice(db, violated)).toEqual({ fired: 0, over: 0 })
  const mended = [
    sql`delete from credentials`,
    sql`delete from app_faults`,
    sql`update accounts set synced_at = app_now(), next_sync_at = app_now() + interval '1 day'`,
    sql`update raw_pages set status = 'transformed'`,
    sql`update ml_jobs set status = 'cancelled', finished_at = app_now(), created_at = app_now()`,
    sql`delete from quota_windows where pool = 'youtube.test.day'`,
  ]
  for (const change of mended) await db.rows(change)
  expect(await notice(db, [])).toEqual({ fired: 0, over: 8 })
})

test('work by timer that has no quota left is told before noon alone, and a pool that is closed for many hours too', async () => {
  const { db } = await openTestDatabase()
  const use = (used: number, hours: number) =>
    db.rows(sql`
      insert into quota_windows (pool, window_start, used, "limit") values ('youtube.general.day', app_now() - ${hours} * interval '1 hour', ${used}, 10000)
      on conflict do nothing`)
  await use(9_499, 3)
  expect(await notice(db)).toMatchObject({ fired: 0 })
  await db.rows(sql`update quota_windows set used = 9500`)
  expect(await notice(db)).toMatchObject({ fired: 1 })
  await db.rows(sql`update quota_windows set window_start = app_now() - interval '20 hours'`)
  // It fired before this window: what is used up in its second half alone is no news.
  await db.rows(sql`update alerts set fired_at = app_now() - interval '21 hours'`)
  expect(await notice(db)).toMatchObject({ over: 1 })
  await db.rows(sql`
    insert into quota_windows (pool, window_start, used, "limit", blocked_until)
    values ('tiktok.user.minute', app_now(), 1, 600, app_now() + interval '9 hours')`)
  expect(await notice(db)).toMatchObject({ fired: 1 })
  expect(await standingNow(db)).toEqual([{ cause: 'quota_used_up', subject: 'tiktok.user.minute' }])
})

test('a check that there was no time for says nothing, and two hundred alerts of a cause stand at most', async () => {
  const { db } = await openTestDatabase()
  const held = { name: 'held', count: 1 }
  await notice(db, [held])
  expect(await notice(db, [{ name: 'held', count: null }])).toEqual({ fired: 0, over: 0 })
  expect(await notice(db, null)).toEqual({ fired: 0, over: 0 })
  expect(await notice(db, [])).toEqual({ fired: 0, over: 1 })
  const many = Array.from({ length: 250 }, (_one, place) => ({ name: `check ${place}`, count: 1 }))
  expect(await notice(db, many)).toEqual({ fired: 200, over: 0 })
  expect(await notice(db, many)).toEqual({ fired: 0, over: 0 })
})
