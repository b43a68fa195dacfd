import { expect, test } from 'vitest'
import { applyReplay, previewReplay } from '#functions/transform/replay-diff.ts'
import { transformVersion } from '#functions/transform/step.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { readPage } from '#shared/platforms/index.ts'
import { planning } from '../setup/ml.ts'
import { snapshot } from '../setup/snapshot.ts'
import { openTestWorld, type TestWorld } from '../setup/world.ts'

const older = { before: transformVersion }

/** A world that was read by older rules: their titles were others, and they found no hashtags. */
async function readByOlderRules(): Promise<TestWorld> {
  const world = await openTestWorld()
  await world.syncAll()
  return world
}

async function makeOlder(world: TestWorld): Promise<void> {
  await world.db.rows(sql`update posts set title = 'by older rules' where id % 2 = 0`)
  await world.db.rows(sql`delete from post_hashtags`)
  await world.db.rows(sql`update profiles set content_hash = 'by older rules', bio = null`)
  // Numbers were asked for since: the answers with the texts are not the newest.
  await world.db.rows(sql`update post_latest set observed_at = app_now() where post_id % 3 = 0`)
  await world.db.rows(sql`update raw_pages set transform_version = transform_version - 1`)
}

const requestsOf = ({ simulators }: TestWorld) =>
  [...simulators.youtube.calls.values()].reduce((a, b) => a + b, 0)

test('a replay shows what new rules would change, with examples, and changes nothing', async () => {
  const world = await readByOlderRules()
  const [titled] = await world.db.rows<{ count: number; tagged: number }>(sql`
    select count(*) filter (where id % 2 = 0)::int as count,
      (select count(distinct post_id)::int from post_hashtags) as tagged from posts`)
  await makeOlder(world)
  const before = await snapshot(world.db)
  const calls = requestsOf(world)
  const diff = await previewReplay(world.db, older, planning)
  expect(diff.changed.get('title')?.size).toBe(titled?.count)
  expect(diff.changed.get('hashtags')?.size).toBe(titled?.tagged)
  expect([...diff.changed.keys()].sort()).toEqual(['bio', 'hashtags', 'title'])
  expect(diff.examples.filter(({ field }) => field === 'title')).toHaveLength(3)
  expect(diff.examples.find(({ field }) => field === 'title')).toMatchObject({ before: 'by older rules' })
  expect(diff).toMatchObject({ bodiless: 0, unreadable: 0, made: new Set(), ml_jobs: new Set() })
  expect(await snapshot(world.db)).toEqual(before)
  expect(await world.db.rows(sql`select from raw_pages where status <> 'transformed'`)).toEqual([])
  expect(requestsOf(world)).toBe(calls)
})

test('applied, every row is as if it had been read by the new rules, and nothing is asked or paid for again', async () => {
  const world = await readByOlderRules()
  const fresh = await snapshot(world.db)
  const history = () => world.db.rows(sql`select * from post_metrics order by post_id, observed_at`)
  const numbers = await history()
  await makeOlder(world)
  const calls = requestsOf(world)
  expect(await applyReplay(world.db, older)).toBeGreaterThan(6)
  const open = await world.db.rows(sql`select distinct status from sync_tasks`)
  expect(open).toEqual([{ status: 'enriching' }])
  await world.clock.jumpTo(new Date(world.clock.now().getTime() + 180_000))
  await world.within(async ({ cloud, followThrough }) => {
    await cloud.triggers.tick('poll')
    await followThrough()
  })
  expect(await snapshot(world.db)).toEqual(fresh)
  expect(await history()).toEqual(numbers)
  expect(await world.db.rows(sql`select distinct status, reason from sync_tasks`)).toEqual([
    { status: 'done', reason: null },
  ])
  expect(requestsOf(world)).toBe(calls)
  expect(await verify(world.db)).toEqual([])
  expect(await applyReplay(world.db, older)).toBe(0)
})

test('answers whose bodies are gone hold up none of those that came after them', async () => {
  const world = await openTestWorld()
  // More than are read at once, and larger than is read at once.
  await world.db.rows(sql`
    with task as (
      insert into sync_tasks (account_id, platform, lane, mode, status, walk_outcome, walk_ended_at, finished_at)
      select id, platform, 'schedule', 'full', 'done', 'whole', app_now(), app_now() from accounts order by id limit 1
      returning id, account_id
    )
    insert into raw_pages (sync_task_id, account_id, platform, endpoint, walk, page_no, status, lane, fetched_at, transform_version,
      body_bytes, body_sha256, settled_at)
    select task.id, task.account_id, 'youtube', 'videos', 1, n, 'transformed', 'schedule', app_now() - interval '40 days', 0,
      100000000, '', app_now() from task, generate_series(1, 150) n`)
  await world.syncAll()
  await makeOlder(world)
  const diff = await previewReplay(world.db, older, planning)
  expect(diff.bodiless).toBe(150)
  expect(diff.changed.get('title')?.size).toBeGreaterThan(0)
  expect(await applyReplay(world.db, older)).toBeGreaterThan(6)
})

test('records that new rules refuse, or cannot read at all, are counted before anything is applied', async () => {
  const world = await readByOlderRules()
  const [pages] = await world.db.rows<{ videos: number; channels: number }>(sql`
    select count(*) filter (where endpoint = 'videos')::int as videos, count(*) filter (where endpoint = 'channels')::int as channels
    from raw_pages`)
  const strict: typeof readPage = (platform, endpoint, body) =>
    readPage(
      platform,
      endpoint,
      endpoint === 'channels' ? `${body}}` : body.replace('"publishedAt"', '"published"'),
    )
  const diff = await previewReplay(world.db, {}, planning, strict)
  expect(diff.unreadable).toBe(pages?.channels)
  expect(diff.quarantined).toEqual({ before: 0, after: pages?.videos })
  expect(await world.db.rows(sql`select from quarantined_records`)).toEqual([])
})

test('a record that was refused by older rules is there after a replay, with its numbers', async () => {
  const world = await openTestWorld()
  await world.syncAll()
  const fresh = await snapshot(world.db)
  const [page] = await world.db.rows<{ id: string; native_id: string }>(sql`
    select r.id, p.native_id from posts p join raw_pages r on r.id = p.raw_page_id order by p.id limit 1`)
  // As older rules would have left it: the record refused, no post.
  await world.db.rows(sql`delete from posts where native_id = ${page?.native_id}`)
  await world.db.rows(sql`
    insert into quarantined_records (raw_page_id, account_id, path, cause, issues, record)
    select id, account_id, 'items.0', 'invalid_type', '[]', '{}' from raw_pages where id = ${page?.id}`)
  await world.db.rows(
    sql`update raw_pages set quarantined = 1, normalised = normalised - 1 where id = ${page?.id}`,
  )
  expect(await previewReplay(world.db, {}, planning)).toMatchObject({
    made: { size: 1 },
    quarantined: { before: 1, after: 0 },
  })
  await applyReplay(world.db, {})
  await world.clock.jumpTo(new Date(world.clock.now().getTime() + 180_000))
  await world.within(({ followThrough }) => followThrough())
  expect(await snapshot(world.db)).toEqual(fresh)
  expect(await verify(world.db)).toEqual([])
})
