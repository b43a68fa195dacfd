import { expect, test } from 'vitest'
import { makePartitions } from '#shared/db/migrate.ts'
import { countDays } from '#shared/db/operations/count-days.ts'
import { eraseAccount } from '#shared/db/operations/erase.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { countMisses, markPresent } from '#shared/db/tables/post-status.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openTestDatabase } from '../setup/database.ts'
import { at, keep, one, readAll, videos } from '../setup/seen-posts.ts'
import { unstopped } from '../setup/signal.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

const day = 1_440
/** Videos seen at these minutes of a month, read. */
async function see(db: Db, ...pages: Parameters<typeof videos>[]): Promise<void> {
  await keep(
    db,
    pages.map((page) => videos(...page)),
  )
  await readAll(db)
}
const count = (db: Db, timeZone = 'UTC') => countDays(db, timeZone, unstopped)
const daily = (db: Db) =>
  db.rows(sql`
    select p.native_id as id, d.day::text, d.views, d.views_gained as gained, d.gained_over as over
    from report.post_daily d join posts p on p.id = d.post_id order by 1, 2`)

test('a day has the last numbers of it, and what was gained since the day before that had any', async () => {
  const { db } = await openTestDatabase()
  const fresh = (views: number) => ({ ...one('new', 'a', views), published: '2026-10-20T06:00:00Z' })
  await see(
    db,
    [60, one('old', 'a', 100), fresh(10)],
    [600, one('old', 'a', 110), fresh(40)],
    [day + 60, one('old', 'a', 130), fresh(90)],
    [4 * day, one('old', 'a', 127)],
  )
  expect(await count(db)).toBeGreaterThan(0)
  expect(await daily(db)).toEqual([
    { id: 'new', day: '2026-10-20', views: '40', gained: '40', over: 1 },
    { id: 'new', day: '2026-10-21', views: '90', gained: '50', over: 1 },
    // When the numbers came that it had when it was first seen is not known.
    { id: 'old', day: '2026-10-20', views: '110', gained: null, over: null },
    { id: 'old', day: '2026-10-21', views: '130', gained: '20', over: 1 },
    { id: 'old', day: '2026-10-24', views: '127', gained: '-3', over: 3 },
  ])
  const accounts = await db.rows(sql`
    select day::text, posts_seen as seen, post_views_gained as gained, published from report.account_daily order by day`)
  expect(accounts).toEqual([
    { day: '2026-10-20', seen: 2, gained: '40', published: '1' },
    { day: '2026-10-21', seen: 2, gained: '70', published: '0' },
    { day: '2026-10-24', seen: 1, gained: '-3', published: '0' },
  ])
  expect(await verify(db)).toEqual([])
})

test('what is counted is not counted again, and an answer that comes late corrects its day and the next', async () => {
  const { db, clock } = await openTestDatabase()
  await see(db, [0, one('1', 'a', 100)], [2 * day, one('1', 'a', 300)])
  await count(db)
  const before = await db.rows(sql`select xmin::text, day::text from post_days order by day`)
  await count(db)
  expect(await db.rows(sql`select xmin::text, day::text from post_days order by day`)).toEqual(before)
  await clock.jumpTo(new Date(clock.now().getTime() + 3_600_000))
  await count(db)
  await see(db, [day, one('1', 'a', 250)])
  await count(db)
  expect(await daily(db)).toMatchObject([
    { day: '2026-10-20', views: '100' },
    { day: '2026-10-21', views: '250', gained: '150', over: 1 },
    { day: '2026-10-22', views: '300', gained: '50', over: 1 },
  ])
})

test('a call that is cut short is gone on with by the next', async () => {
  const { db, clock } = await openTestDatabase()
  await see(db, [0, one('1', 'a', 1)], [day, one('1', 'a', 2)])
  const left = async () =>
    (await db.rows<{ from: Date | null }>(sql`select count_from as from from report_settings`))[0]?.from
  let calls = 0
  for (; calls === 0 || (await left()) !== null; calls += 1) {
    const stop = new AbortController()
    let transactions = 0
    // The first transaction looks what there is to count.
    const cutting: Db = {
      ...db,
      transaction: (work) => db.transaction(work).finally(() => ++transactions > 1 && stop.abort()),
    }
    await countDays(cutting, 'UTC', stop.signal)
    await clock.jumpTo(new Date(clock.now().getTime() + 1_800_000))
  }
  expect(calls).toBeGreaterThan(5)
  expect(await daily(db)).toMatchObject([{ day: '2026-10-20' }, { day: '2026-10-21', gained: '1', over: 1 }])
})

test('more posts of one moment than one statement counts are counted by several', {
  timeout: 60_000,
}, async () => {
  const { db } = await openTestDatabase()
  await see(db, [0, one('1', 'a', 1)])
  await db.rows(sql`
    insert into posts (account_id, platform, native_id, class, permalink, published_at)
    select account_id, platform, 'n' || n, class, permalink, published_at from posts, generate_series(1, 60000) n`)
  await db.rows(sql`
    insert into post_metrics (post_id, observed_at, views) select id, ${at(0)}, id from posts where native_id <> '1'`)
  await count(db)
  expect(
    await db.rows(
      sql`select count(*)::int as count, max(views - post_id) as off from post_days where views > 1`,
    ),
  ).toEqual([{ count: 60_000, off: '0' }])
  expect(await db.rows(sql`select posts_seen from account_days`)).toEqual([{ posts_seen: 60_001 }])
})

test('another time zone counts once more what has its history still, and leaves the days before it', async () => {
  const { db } = await openTestDatabase()
  // Half past ten in the evening in UTC is the next day in Moscow.
  await see(db, [22 * 60 + 30, one('1', 'a', 1)], [3 * day + 22 * 60, one('1', 'a', 5)])
  await count(db)
  await db.rows(sql`delete from post_metrics where observed_at < ${at(day)}`)
  await count(db, 'Europe/Moscow')
  expect(await daily(db)).toMatchObject([
    { day: '2026-10-20', views: '1' },
    { day: '2026-10-24', views: '5', gained: '4', over: 4 },
  ])
})

test('another time zone and back loses no day, and sums nothing twice', async () => {
  const { db } = await openTestDatabase()
  const late = 22 * 60 + 30
  await see(
    db,
    [600, one('1', 'a', 1)],
    [late, one('1', 'a', 2)],
    [day + 600, one('1', 'a', 5)],
    [2 * day + late, one('1', 'a', 9)],
  )
  const accounts = () =>
    db.rows(
      sql`select day::text, posts_seen as seen, post_views_gained as gained from account_days order by day`,
    )
  await count(db)
  const inUtc = { posts: await daily(db), accounts: await accounts() }
  expect(inUtc.posts).toMatchObject([
    { day: '2026-10-20', views: '2' },
    { day: '2026-10-21', views: '5', gained: '3', over: 1 },
    { day: '2026-10-22', views: '9', gained: '4', over: 1 },
  ])
  await count(db, 'Europe/Moscow')
  expect(await daily(db)).toMatchObject([
    { day: '2026-10-20', views: '1' },
    { day: '2026-10-21', views: '5', gained: '4', over: 1 },
    { day: '2026-10-23', views: '9', gained: '4', over: 2 },
  ])
  expect(await accounts()).toMatchObject([
    { day: '2026-10-20', seen: 1 },
    { day: '2026-10-21', seen: 1, gained: '4' },
    { day: '2026-10-23', seen: 1, gained: '4' },
  ])
  await count(db, 'UTC')
  expect({ posts: await daily(db), accounts: await accounts() }).toEqual(inUtc)
})

test('a late answer that says what the next day says takes the gain from that day', async () => {
  const { db, clock } = await openTestDatabase()
  await see(db, [0, one('1', 'a', 50)], [day + 480, one('1', 'a', 100)], [2 * day + 540, one('1', 'a', 250)])
  await count(db)
  await clock.jumpTo(new Date(clock.now().getTime() + 3_600_000))
  await see(db, [day + 1_200, one('1', 'a', 250)])
  await count(db)
  expect(await daily(db)).toMatchObject([
    { day: '2026-10-20', views: '50' },
    { day: '2026-10-21', views: '250', gained: '200' },
    { day: '2026-10-22', views: '250', gained: '0' },
  ])
})

test('days outlive the numbers they were counted from where a rule says so, and go by their own', async () => {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  await world.syncAll()
  await world.within(({ cloud }) => cloud.triggers.tick('maintain'))
  const days = async () => (await world.db.rows(sql`select from post_days`)).length
  const counted = await days()
  expect(counted).toBeGreaterThan(0)
  await world.db.rows(sql`
    update retention set keep_days = case field_group when 'metrics' then 30 when 'daily' then 60 end where field_group in ('content', 'daily', 'metrics')`)
  const nightly = async (later: number) => {
    await world.clock.jumpTo(new Date(world.clock.now().getTime() + later * 86_400_000))
    await world.db.rows(sql`update accounts set next_sync_at = 'infinity'`)
    await makePartitions(world.db)
    await world.within(({ cloud }) => cloud.triggers.tick('maintain'))
  }
  await nightly(40)
  expect(await world.db.rows(sql`select from post_metrics`)).toEqual([])
  expect(await days()).toBe(counted)
  await nightly(25)
  expect(await days()).toBe(0)
  expect(await world.db.rows(sql`select from account_days`)).toEqual([])
})

test('an erased account leaves no day behind, also when it is counted at that moment', async () => {
  const { db } = await openTestDatabase()
  await see(db, [0, one('1', 'a', 1), one('2', 'a', 2)], [day, one('1', 'a', 3)])
  const [account] = await db.rows<{ id: string }>(sql`select id from accounts`)
  await Promise.all([
    count(db),
    eraseAccount(db, account?.id ?? '', { actor: 'test', hashHandle: null }),
    count(db),
  ])
  await count(db)
  expect(
    await db.rows(sql`select post_id from post_days union all select account_id from account_days`),
  ).toEqual([])
  expect(await verify(db)).toEqual([])
})

test('a deletion stays on record when the post comes back', async () => {
  const { db } = await openTestDatabase()
  await see(db, [0, one('1', 'a', 7)])
  const missed = (minutes: number) =>
    db.transaction((tx) =>
      countMisses(
        tx,
        sql`select id as post_id, ${at(minutes)}::timestamptz as at, ${at(minutes)}::timestamptz as since, null::bigint as task_id from posts`,
      ),
    )
  await missed(day)
  expect(await db.rows(sql`select from report.deletions`)).toEqual([])
  await missed(2 * day + 1)
  const [post] = await db.rows<{ id: string }>(sql`select id from posts where status = 'deleted'`)
  await db.transaction((tx) => markPresent(tx, [{ post_id: post?.id ?? '', observed_at: at(4 * day) }]))
  expect(
    await db.rows(
      sql`select deleted_at, returned_at, extract(day from lived)::int as lived, title, views from report.deletions`,
    ),
  ).toEqual([{ deleted_at: at(day), returned_at: at(4 * day), lived: 20, title: 'a', views: '7' }])
})
