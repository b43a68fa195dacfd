import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runTransform } from '#functions/transform/run.ts'
import type { Db } from '#shared/db/pool.ts'
import { raw, sql } from '#shared/db/sql.ts'
import { touchPosts } from '#shared/db/tables/known-posts.ts'
import { countMisses } from '#shared/db/tables/post-status.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { untilBlocked } from '../setup/blocked.ts'
import { openTestDatabase } from '../setup/database.ts'
import { planning } from '../setup/ml.ts'
import { at, forget, keep, listed, one, readAll, titlesAndViews, videos } from '../setup/seen-posts.ts'
import { unstopped } from '../setup/signal.ts'
import { snapshot } from '../setup/snapshot.ts'

test('posts that are seen again are recognised, and what changed is read: numbers by their place, an edited text whole', async () => {
  const { db } = await openTestDatabase()
  await keep(db, [videos(0, one('v1'), one('v2'), one('v3'))])
  expect(await readAll(db)).toBe(3)
  await keep(db, [videos(10, one('v1'), one('v2', 'a', 2), one('v3', 'b'))])
  expect(await readAll(db)).toBe(1)
  expect(await titlesAndViews(db)).toEqual([
    { id: 'v1', title: 'a', views: '1', at: at(10), points: 1 },
    { id: 'v2', title: 'a', views: '2', at: at(10), points: 2 },
    { id: 'v3', title: 'b', views: '1', at: at(10), points: 1 },
  ])
  const counts = sql`select records_in, normalised, unchanged, duplicate, stale from raw_pages order by id`
  expect((await db.rows(counts))[1]).toEqual({
    records_in: 3,
    normalised: 2,
    unchanged: 1,
    duplicate: 0,
    stale: 0,
  })
  expect(await verify(db)).toEqual([])
})

test('numbers a day old are written to the history again, also of a post that is recognised', async () => {
  const { db } = await openTestDatabase()
  await keep(db, [videos(0, one('v1'))])
  await readAll(db)
  await keep(db, [videos(1_440, one('v1'))])
  await readAll(db)
  expect(await titlesAndViews(db)).toMatchObject([{ points: 1 }])
  await keep(db, [videos(1_441, one('v1'))])
  expect(await readAll(db)).toBe(0)
  expect(await titlesAndViews(db)).toMatchObject([{ points: 2 }])
})

test('lists and details of a post are recognised side by side, until one of them says something else', async () => {
  const { db } = await openTestDatabase()
  await keep(db, [listed(0, one('v1')), videos(1, one('v1'))])
  await readAll(db)
  await keep(db, [listed(10, one('v1')), videos(11, one('v1', 'a', 5))])
  expect(await readAll(db)).toBe(0)
  expect(await titlesAndViews(db)).toEqual([{ id: 'v1', title: 'a', views: '5', at: at(11), points: 2 }])
  // The list shows the edit first: the details, as they were, are no longer what is on record.
  await keep(db, [listed(20, one('v1', 'b'))])
  expect(await readAll(db)).toBe(1)
  await keep(db, [videos(30, one('v1', 'a', 5))])
  expect(await readAll(db)).toBe(1)
  expect(await titlesAndViews(db)).toMatchObject([{ title: 'a' }])
})

test.for([
  ['an older answer that comes late', videos(-10, one('v1', 'a', 9)), { views: '1', at: at(0), points: 2 }],
  ['an answer of the same moment', videos(0, one('v1', 'a', 9)), { views: '9', at: at(0), points: 1 }],
  [
    'a post twice in an answer',
    videos(10, one('v1'), one('v1', 'a', 9)),
    { views: '9', at: at(10), points: 2 },
  ],
] as const)('%s is weighed', async ([, page, expected]) => {
  const { db } = await openTestDatabase()
  await keep(db, [videos(0, one('v1'))])
  await readAll(db)
  await keep(db, [page])
  expect(await readAll(db)).toBeGreaterThan(0)
  expect(await titlesAndViews(db)).toMatchObject([expected])
  expect(await verify(db)).toEqual([])
})

test('a missing post that is seen again is weighed, and is present', async () => {
  const { db } = await openTestDatabase()
  await keep(db, [videos(0, one('v1'))])
  await readAll(db)
  await db.rows(sql`update posts set status = 'missing', missing_since = ${at(1)}, miss_count = 1`)
  await keep(db, [videos(10, one('v1'))])
  expect(await readAll(db)).toBe(1)
  expect(await db.rows(sql`select status from posts`)).toEqual([{ status: 'present' }])
})

test('a post that is missed while a page that shows it waits for its lock is present', async () => {
  const { db } = await openTestDatabase()
  await keep(db, [videos(0, one('v1'))])
  await readAll(db)
  await keep(db, [videos(10, one('v1', 'b'))])
  let reading: Promise<number> | undefined
  await db.transaction(async (tx) => {
    await countMisses(
      tx,
      sql`select 1::bigint as post_id, ${at(1)}::timestamptz as at, ${at(1)}::timestamptz as since, null::bigint as task_id`,
    )
    reading = readAll(db)
    await untilBlocked(db)
  })
  expect(await reading).toBe(1)
  expect(await db.rows(sql`select status, miss_count from posts`)).toEqual([
    { status: 'present', miss_count: 0 },
  ])
})

test('numbers that are not as documented are read whole, with an issue noted each time', async () => {
  const { db } = await openTestDatabase()
  await keep(db, [videos(0, one('v1'))])
  await readAll(db)
  await keep(db, [videos(10, { ...one('v1'), views: Number.NaN })])
  expect(await readAll(db)).toBe(1)
  expect(await db.rows(sql`select field from record_issues`)).toEqual([{ field: 'statistics.viewCount' }])
  // Nor is a record recognised by an answer that had an issue.
  await keep(db, [videos(20, one('v1'))])
  expect(await readAll(db)).toBe(1)
})

test('a replay reads everything, and so do other rules', async () => {
  const { db } = await openTestDatabase()
  await keep(db, [videos(0, one('v1'))])
  await readAll(db)
  await db.rows(sql`update raw_pages set status = 'stored', settled_at = null, retry_at = app_now()`)
  expect(await readAll(db)).toBe(1)
  // A hash by another version.
  await db.rows(sql`update post_latest set detail_raw = md5('older')::uuid`)
  await keep(db, [videos(10, one('v1'))])
  expect(await readAll(db)).toBe(1)
})

test.for([
  ['changes', 'update post_latest set detail_raw = null where post_id = 1'],
  [
    'is missed',
    `update posts set status = 'missing', missing_since = '2026-10-20T00:05:00Z', miss_count = 1 where id = 1`,
  ],
] as const)('a post that %s after it was recognised is weighed after all', async ([, meanwhile]) => {
  const { db } = await openTestDatabase()
  await keep(db, [videos(0, one('v1'), one('v2'))])
  await readAll(db)
  await keep(db, [videos(10, one('v1', 'a', 3), one('v2', 'a', 3))])
  // Between recognising and writing, another batch.
  let isDone = false
  const late: Db = {
    ...db,
    transaction: async (work) => {
      if (!isDone) await db.rows(raw(meanwhile))
      isDone = true
      return db.transaction(work)
    },
  }
  const deps = { db: late, log: openLogger({ level: 'fatal' }), planning, pageAttempts: 5 }
  await runTransform(deps, { of: 'due' }, unstopped)
  expect(await titlesAndViews(db)).toMatchObject([
    { views: '3', at: at(10), points: 2 },
    { views: '3', at: at(10), points: 2 },
  ])
  expect(await db.rows(sql`select distinct status from posts`)).toEqual([{ status: 'present' }])
  expect(await verify(db)).toEqual([])
})

test('two batches that recognise the same posts in opposite order do not lock each other out', async () => {
  const { db } = await openTestDatabase()
  await keep(db, [videos(0, ...['v1', 'v2', 'v3'].map((id) => one(id)))])
  await readAll(db)
  const [hash] = await db.rows<{ raw: string }>(
    sql`select detail_raw as raw from post_latest where post_id = 1`,
  )
  const seen = (post_id: string, minutes: number) => ({
    ...{
      post_id,
      listing_raw: null,
      detail_raw: hash?.raw ?? null,
      first_at: at(minutes),
      last_at: at(minutes),
    },
    ...{ numbers_at: at(minutes), views: '2', likes: '1', comments: null, shares: null, saves: null },
  })
  await db.rows(sql`update post_latest set detail_raw = ${hash?.raw}::uuid`)
  const touch = (ids: readonly string[], minutes: number) =>
    db.transaction((tx) =>
      touchPosts(
        tx,
        ids.map((id) => seen(id, minutes)),
      ),
    )
  await Promise.allSettled([touch(['1', '2', '3'], 10), touch(['3', '2', '1'], 11)])
  expect(await db.rows(sql`select distinct observed_at as at from post_latest`)).toHaveLength(1)
  const [deadlocks] = await db.rows<{ deadlocks: number }>(
    raw('select deadlocks::int from pg_stat_database where datname = current_database()'),
  )
  expect(deadlocks?.deadlocks).toBe(0)
})

const empty = (db: Db) =>
  db.rows(
    raw(`truncate accounts, sync_jobs, raw_bodies, posts, post_latest, post_metrics, post_media, post_hashtags, post_mentions,
      ml_plans cascade`),
  )

const drawnPost = fc.record({
  id: fc.constantFrom('v1', 'v2'),
  title: fc.constantFrom('a', 'a', 'a', 'a', 'a', 'b'),
  views: fc.constantFrom(1, 1, 2),
})
const drawnPage = fc.record({
  /** Minutes after the batch before; some are late. */
  after: fc.constantFrom(0, 5, 60, 170, 1_500, -200),
  endpoint: fc.constantFrom('videos' as const, 'videos' as const, 'playlistItems' as const),
  posts: fc.array(drawnPost, { minLength: 1, maxLength: 3 }),
})

const again = {
  after: 0 as const,
  endpoint: 'videos' as const,
  posts: [{ id: 'v1' as const, title: 'a' as const, views: 1 as const }],
}

test('whatever is seen in which order, rows are the same as when nothing is recognised', async () => {
  const [{ db: ours }, { db: plain }] = await Promise.all([openTestDatabase(), openTestDatabase()])
  let recognised = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(drawnPage, { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 6 }),
      async (batches) => {
        await Promise.all([empty(ours), empty(plain)])
        for (const [place, drawn] of batches.entries()) {
          const batch = drawn.map(({ after, ...page }) => ({ ...page, at: at(place * 180 + after) }))
          await keep(ours, batch)
          await keep(plain, batch)
          await forget(plain)
          recognised += -(await readAll(ours)) + (await readAll(plain))
        }
        expect(await snapshot(ours)).toEqual(await snapshot(plain))
        expect(await titlesAndViews(ours)).toEqual(await titlesAndViews(plain))
        expect(await verify(ours)).toEqual([])
      },
    ),
    { numRuns: 15, examples: [[[[again], [again], [again]]]] },
  )
  // As the example does at least, whatever was drawn.
  expect(recognised).toBeGreaterThanOrEqual(2)
})

test('an id with signs that the database cannot hold is the same as that of its record', async () => {
  const { db } = await openTestDatabase()
  for (const [minutes, read] of [
    [0, 1],
    [10, 0],
  ] as const) {
    await keep(db, [videos(minutes, one('v\u0000 \ud800'))])
    expect(await readAll(db)).toBe(read)
  }
  expect(await titlesAndViews(db)).toMatchObject([{ id: 'v ', at: at(10) }])
})
