import fc from 'fast-check'
import { expect, test } from 'vitest'
import { importPages } from '#functions/extract/import.ts'
import { transform } from '#functions/transform/step.ts'
import type { Db } from '#shared/db/pool.ts'
import { raw, sql } from '#shared/db/sql.ts'
import { claimPages } from '#shared/db/tables/raw-pages.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openTestDatabase } from '../setup/database.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

const video = (id: string, view_count: number, more: object = {}) => ({
  id,
  create_time: 1_790_000_000,
  title: 'x',
  video_description: 'x',
  view_count,
  ...more,
})
const at = (minutes: number) => new Date(Date.UTC(2026, 9, 20) + minutes * 60_000)

/** Pages of one account, kept in this order. */
const keep = (db: Db, pages: readonly { readonly at: Date; readonly videos: readonly object[] }[]) =>
  importPages(
    db,
    pages.map((page, place) => ({
      platform: 'tiktok' as const,
      handle: 'case16',
      endpoint: 'video.list',
      fetched_at: page.at,
      body: JSON.stringify({ data: { videos: page.videos, has_more: false, place }, error: { code: 'ok' } }),
    })),
    null,
  )

/** Reads all pages one by one, in the order of `order`, or at once. */
async function readAll(db: Db, order?: (count: number) => readonly number[]): Promise<void> {
  const pages = await claimPages(db, { pages: 1000, bytes: 1e9 })
  if (!order) return void (await transform(db, pages, null))
  for (const place of order(pages.length)) {
    const page = pages[place]
    if (page) await transform(db, [page], null)
  }
}

const history = (db: Db) =>
  db.rows<{ native_id: string; at: Date; views: string }>(sql`
    select p.native_id, m.observed_at as at, m.views from post_metrics m join posts p on p.id = m.post_id order by 1, 2`)
const latest = (db: Db) =>
  db.rows(
    sql`select p.native_id, p.body, l.views from post_latest l join posts p on p.id = l.post_id order by 1`,
  )

test('of the same id twice in an answer the later one wins, in fields, latest numbers and history; one counts as duplicate', async () => {
  const { db } = await openTestDatabase()
  const edited = video('161', 3, { video_description: 'edited @nord.roaster' })
  await keep(db, [{ at: at(0), videos: [video('161', 2), edited, video('162', 2)] }])
  await readAll(db)
  expect(await latest(db)).toEqual([
    { native_id: '161', body: 'edited @nord.roaster', views: '3' },
    { native_id: '162', body: 'x', views: '2' },
  ])
  expect(await history(db)).toEqual([
    { native_id: '161', at: at(0), views: '3' },
    { native_id: '162', at: at(0), views: '2' },
  ])
  const counts = await db.rows(sql`select records_in, normalised, duplicate, stale from raw_pages`)
  expect(counts).toEqual([{ records_in: 3, normalised: 2, duplicate: 1, stale: 0 }])
  expect(await verify(db)).toEqual([])
})

test.for([
  { name: 'together', order: undefined },
  { name: 'in order', order: () => [0, 1] },
  { name: 'the later one first', order: () => [1, 0] },
])('of two answers of one moment the one kept later wins, read $name', async ({ order }) => {
  const { db } = await openTestDatabase()
  await keep(db, [
    { at: at(0), videos: [video('1', 5, { video_description: 'first' })] },
    { at: at(0), videos: [video('1', 7, { video_description: 'second' })] },
  ])
  await readAll(db, order)
  expect(await latest(db)).toEqual([{ native_id: '1', body: 'second', views: '7' }])
  expect(await history(db)).toEqual([{ native_id: '1', at: at(0), views: '7' }])
  expect(await verify(db)).toEqual([])
})

/** Numbers seen some minutes apart; a day has 1,440. */
const sightings = fc.array(
  fc.record({ gap: fc.constantFrom(5, 60, 700, 1_500), views: fc.constantFrom(1, 2, 3) }),
  { minLength: 2, maxLength: 6 },
)

test('whatever the order in which answers are read, no number is repeated within a day, and the newest one is the latest', async () => {
  await fc.assert(
    fc.asyncProperty(sightings, fc.boolean(), fc.infiniteStream(fc.nat(100)), async (drawn, grows, draws) => {
      const { db } = await openTestDatabase()
      let minutes = 0
      const numbers = drawn.map(({ views }) => views)
      const seen = (grows ? numbers.toSorted() : numbers).map((views, place) => {
        minutes += drawn[place]?.gap ?? 0
        return { at: at(minutes), views }
      })
      await keep(
        db,
        seen.map((one) => ({ at: one.at, videos: [video('1', one.views)] })),
      )
      await readAll(db, (count) => {
        const left = Array.from({ length: count }, (_, place) => place)
        return Array.from(
          { length: count },
          () => left.splice((draws.next().value ?? 0) % left.length, 1)[0] ?? 0,
        )
      })
      expect(await verify(db)).toEqual([])
      expect(await latest(db)).toMatchObject([{ views: String(seen.at(-1)?.views) }])
      const textOf = (one: { at: Date; views: number | string }) => `${one.at.toISOString()} ${one.views}`
      const kept = (await history(db)).map(textOf)
      // The history has nothing that was not seen then; and of numbers that grow, each from when it was seen first.
      for (const line of kept) expect(seen.map(textOf)).toContain(line)
      for (const [place, one] of seen.entries())
        if (grows && one.views !== seen[place - 1]?.views) expect(kept).toContain(textOf(one))
    }),
    { numRuns: 20 },
  )
})

test('after the clock of the database was set back, answers are as new as they are', async () => {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  await world.syncAll()
  // As if all had been kept by a clock that was two hours ahead.
  const ahead = async (table: string, column: string) =>
    world.db.rows(raw(`update ${table} set ${column} = ${column} + interval '2 hours'`))
  for (const [table, column] of [
    ['raw_pages', 'fetched_at'],
    ['post_latest', 'observed_at'],
    ['post_latest', 'metrics_at'],
    ['post_metrics', 'observed_at'],
    ['profiles', 'observed_at'],
    ['profiles', 'metrics_at'],
    ['profile_metrics', 'observed_at'],
  ] as const)
    await ahead(table, column)
  const edit = (body: unknown) => {
    const { items } = body as { items: { statistics: object }[] }
    return {
      ...(body as object),
      items: items.map((item) => ({ ...item, statistics: { ...item.statistics, viewCount: '987654321' } })),
    }
  }
  world.simulators.youtube.plan({ path: '/youtube/v3/videos', times: 1_000, edit })
  await world.db.rows(sql`update accounts set full_walk_at = null`)
  await world.syncAll()
  expect(await world.db.rows(sql`select distinct views from post_latest`)).toEqual([{ views: '987654321' }])
  const stale = await world.db.rows(sql`
    select sum(stale)::int as stale from raw_pages where sync_task_id = (select max(id) from sync_tasks)`)
  expect(stale).toEqual([{ stale: 0 }])
  expect(await verify(world.db)).toEqual([])
})

test('an account keeps its posts, also when another one shows them', async () => {
  const { db } = await openTestDatabase()
  await keep(db, [{ at: at(0), videos: [video('1', 5)] }])
  await readAll(db)
  await importPages(
    db,
    [
      {
        platform: 'tiktok',
        handle: 'somebody.else',
        endpoint: 'video.list',
        fetched_at: at(10),
        body: JSON.stringify({ data: { videos: [video('1', 6, { title: 'new' })] }, error: { code: 'ok' } }),
      },
    ],
    null,
  )
  await readAll(db)
  const rows = await db.rows(sql`
    select a.handle as owner, p.title, l.views, b.handle as shown_by from posts p join accounts a on a.id = p.account_id
    join post_latest l on l.post_id = p.id
    left join post_appearances s on s.post_id = p.id left join accounts b on b.id = s.account_id`)
  expect(rows).toEqual([{ owner: 'case16', title: 'new', views: '6', shown_by: 'somebody.else' }])
  expect(await verify(db)).toEqual([])
})
