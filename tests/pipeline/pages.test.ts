import { expect, test } from 'vitest'
import { transform } from '#functions/transform/step.ts'
import { cancelJob } from '#shared/db/operations/cancel-job.ts'
import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import { redrivePages } from '#shared/db/operations/intervene.ts'
import { raw, sql } from '#shared/db/sql.ts'
import { claimPages, faultPage, uncountPages } from '#shared/db/tables/raw-pages.ts'
import { verify } from '#shared/db/views/verify.ts'
import { planning } from '../setup/ml.ts'
import { snapshot } from '../setup/snapshot.ts'
import { fewAccounts, openTestWorld, type TestWorld } from '../setup/world.ts'

const observations = fewAccounts(2)

/** A world whose accounts were asked, with all pages stored and none transformed. */
async function extracted(env: Record<string, string> = {}): Promise<TestWorld> {
  const world = await openTestWorld({ observations, env })
  await world.db.rows(raw(`update accounts set next_sync_at = app_now()`))
  // The ring goes to a queue of its own cloud, which is gone before it is delivered.
  const opened = await world.open((name, ports) =>
    name === 'transform' ? { ...ports, db: refusing } : ports,
  )
  await opened.cloud.triggers.tick('extract-youtube')
  await opened.close()
  return world
}

const refusing = {
  rows: () => Promise.reject(new Error('not now')),
  transaction: () => Promise.reject(new Error('not now')),
  end: () => Promise.resolve(),
}

const everything = { pages: 1000, bytes: 1e9 }

async function finishAll(world: TestWorld) {
  const tasks = await world.db.rows<{ id: string }>(sql`select id from sync_tasks`)
  await finishTasks(
    world.db,
    tasks.map((task) => task.id),
  )
  await world.within((opened) => opened.followThrough())
}

async function rowsAfter(order: 'as kept' | 'newest first' | 'one by one, newest first') {
  const world = await extracted()
  const pages = await claimPages(world.db, everything)
  expect(pages.length).toBeGreaterThan(6)
  const ordered = order === 'as kept' ? pages : pages.toReversed()
  if (order === 'as kept') await transform(world.db, ordered, planning)
  else for (const page of ordered) await transform(world.db, [page], planning)
  await finishAll(world)
  expect(await verify(world.db)).toEqual([])
  return snapshot(world.db)
}

test('pages that arrive late and out of order give the same rows', async () => {
  expect(await rowsAfter('one by one, newest first')).toEqual(await rowsAfter('as kept'))
})

test('a page transformed twice has one effect', async () => {
  const world = await extracted()
  const pages = await claimPages(world.db, everything)
  await transform(world.db, pages, planning)
  const before = await snapshot(world.db)
  await transform(world.db, pages, planning)
  expect(await snapshot(world.db)).toEqual(before)
  expect(await verify(world.db)).toEqual([])
})

test('a slow claim writes nothing after its attempt was taken back and another claim took the page', async () => {
  const world = await extracted()
  const slow = await claimPages(world.db, everything)
  await uncountPages(world.db, slow)
  await world.clock.jumpTo(new Date(world.clock.now().getTime() + 61_000))
  const quick = await claimPages(world.db, everything)
  // They count as the same attempt, and are not the same claim.
  expect(quick.map(({ id, attempts }) => [id, attempts])).toEqual(
    slow.map(({ id, attempts }) => [id, attempts]),
  )
  const fault = { reason: 'error', message: 'late' }
  for (const { id, claim_token } of slow) await faultPage(world.db, { ...fault, id, claim_token }, true)
  await transform(world.db, slow, planning)
  expect(await world.db.rows(sql`select distinct status from raw_pages`)).toEqual([{ status: 'stored' }])
  await transform(world.db, quick, planning)
  expect(await world.db.rows(sql`select distinct status from raw_pages`)).toEqual([{ status: 'transformed' }])
})

test('a claim takes pages of one platform, the first that is due, and a batch of several is refused', async () => {
  const world = await extracted()
  await world.db.rows(sql`update raw_pages set platform = 'tiktok' where id in (
    select id from raw_pages order by lane, id offset 2 limit 2)`)
  const all = await world.db.rows<{ count: number }>(sql`select count(*)::int as count from raw_pages`)
  const first = await claimPages(world.db, everything)
  expect(new Set(first.map(({ platform }) => platform))).toEqual(new Set(['youtube']))
  expect(first).toHaveLength((all[0]?.count ?? 0) - 2)
  const second = await claimPages(world.db, everything)
  expect(second.map(({ platform }) => platform)).toEqual(['tiktok', 'tiktok'])
  await expect(transform(world.db, [...first, ...second], null)).rejects.toThrow()
})

test('a batch that the database has no time for goes page by page', async () => {
  const world = await extracted()
  const opened = await world.open((name, ports) => {
    if (name !== 'transform') return ports
    let transactions = 0
    const transaction: typeof ports.db.transaction = (work, patienceMs) => {
      transactions += 1
      if (transactions === 1)
        return Promise.reject(Object.assign(new Error('statement timeout'), { code: '57014' }))
      return ports.db.transaction(work, patienceMs)
    }
    return { ...ports, db: { ...ports.db, transaction } }
  })
  await opened.cloud.triggers.call('transform', { messages: [] })
  await opened.close()
  expect(await world.db.rows(sql`select distinct status, attempts from raw_pages`)).toEqual([
    { status: 'transformed', attempts: 1 },
  ])
})

test('overlapping batches in opposite order do not deadlock', async () => {
  const world = await extracted()
  // A second answer about everything, as two syncs in a row give it.
  await world.db.rows(
    raw(`
    with copy as (
      insert into raw_pages (sync_task_id, account_id, platform, endpoint, walk, page_no, lane, fetched_at, body_bytes, body_sha256)
      select sync_task_id, account_id, platform, endpoint, walk, page_no + 1000, lane, fetched_at + interval '1 minute',
        body_bytes, body_sha256 from raw_pages returning id, sync_task_id, endpoint, walk, page_no, fetched_at
    )
    insert into raw_bodies (raw_page_id, fetched_on, body)
    select copy.id, (copy.fetched_at at time zone 'UTC')::date, b.body from copy
    join raw_pages p on (p.sync_task_id, p.endpoint, p.walk, p.page_no) = (copy.sync_task_id, copy.endpoint, copy.walk, copy.page_no - 1000)
    join raw_bodies b on b.raw_page_id = p.id`),
  )
  const pages = await claimPages(world.db, everything)
  const deadlocks = async () =>
    (
      await world.db.rows<{ count: string }>(sql`
    select deadlocks as count from pg_stat_database where datname = current_database()`)
    )[0]?.count
  const before = await deadlocks()
  const middle = pages.length / 2
  for (let round = 0; round < 4; round += 1) {
    await world.db.rows(sql`update raw_pages set status = 'stored', settled_at = null, records_in = null`)
    await Promise.all([
      transform(world.db, pages.slice(0, middle), planning),
      transform(world.db, pages.slice(middle).reverse(), planning),
    ])
  }
  // A transaction broken off is run again by itself, so the server is asked whether there was one.
  await world.db.rows(sql`select pg_stat_force_next_flush()`)
  expect(await deadlocks()).toBe(before)
  await finishAll(world)
  expect(await verify(world.db)).toEqual([])
})

test('two transforms that commit the last pages of a task together still finish it', async () => {
  const world = await extracted()
  const pages = await claimPages(world.db, everything)
  const middle = Math.floor(pages.length / 2)
  await Promise.all(
    [pages.slice(0, middle), pages.slice(middle)].map(async (half) => {
      await transform(world.db, half, planning)
      await finishTasks(
        world.db,
        half.map((page) => page.sync_task_id),
      )
    }),
  )
  const statuses = await world.db.rows<{ status: string }>(sql`select distinct status from sync_tasks`)
  expect(statuses).toEqual([{ status: 'enriching' }])
  expect(await verify(world.db)).toEqual([])
})

test('an unreadable page is parked at once and the rest of its batch commits', async () => {
  const world = await extracted()
  const [page] = await world.db.rows<{ id: string }>(
    sql`select id from raw_pages where endpoint = 'videos' order by id limit 1`,
  )
  await world.db.rows(sql`update raw_bodies set body = '<html>502</html>' where raw_page_id = ${page?.id}`)
  const standing = await world.within((opened) => opened.followThrough())
  expect(standing.parked).toBe(1)
  expect(standing.tasks).toEqual({ done: 2 })
  const tasks = await world.db.rows<{ reason: string | null }>(
    sql`select reason from sync_tasks order by reason nulls last`,
  )
  expect(tasks).toEqual([{ reason: 'incomplete' }, { reason: null }])
  expect(await verify(world.db)).toEqual([])
})

test('a page that kills the process each time is parked after its last attempt, and its task ends', async () => {
  const world = await extracted()
  await world.db.rows(
    sql`update raw_pages set attempts = 5 where id = (select min(id) from raw_pages where endpoint = 'videos')`,
  )
  const standing = await world.within((opened) => opened.followThrough())
  expect(standing).toMatchObject({ parked: 1, tasks: { done: 2 } })
  const [page] = await world.db.rows<{ error: string }>(
    sql`select error from raw_pages where status = 'parked'`,
  )
  expect(page?.error).toContain('killed')
  expect(await verify(world.db)).toEqual([])
})

test('a parked page that is redriven is transformed, and its task is done again', async () => {
  const world = await extracted()
  const [page] = await world.db.rows<{ id: string; body: string }>(sql`
    select p.id, b.body from raw_pages p join raw_bodies b on b.raw_page_id = p.id where p.endpoint = 'videos' order by p.id limit 1`)
  const { id = '', body = '' } = page ?? {}
  await world.db.rows(sql`update raw_bodies set body = 'broken' where raw_page_id = ${id}`)
  await world.within((opened) => opened.followThrough())
  await world.db.rows(sql`update raw_bodies set body = ${body} where raw_page_id = ${id}`)
  expect(await redrivePages(world.db, [id], 'test')).toEqual([id])
  const standing = await world.within((opened) => opened.followThrough())
  expect(standing).toMatchObject({ parked: 0, tasks: { done: 2 } })
  const reasons = await world.db.rows<{ reason: string | null }>(sql`select distinct reason from sync_tasks`)
  expect(reasons).toEqual([{ reason: null }])
  expect(await verify(world.db)).toEqual([])
})

test('a cancelled task drops its pages, and a transform that holds them already comes to nothing', async () => {
  const world = await extracted()
  const pages = await claimPages(world.db, everything)
  const [first] = pages
  const [job] = await world.db.rows<{ id: string }>(sql`
    with made as (insert into sync_jobs (origin, mode) values ('http', 'incremental') returning id)
    update sync_job_tasks set sync_job_id = made.id from made where sync_task_id = ${first?.sync_task_id}
    returning sync_job_id as id`)
  expect(await cancelJob(world.db, job?.id ?? '', { actor: 'test', reach: null })).toEqual({
    cancelled: [expect.any(String)],
    shared: 0,
  })
  await transform(world.db, pages, planning)
  await finishAll(world)
  const [posts] = await world.db.rows<{ count: number }>(
    sql`select count(distinct account_id)::int as count from posts`,
  )
  expect(posts?.count).toBe(1)
  expect(await verify(world.db)).toEqual([])
})

test('pages of an account erased meanwhile are dropped', async () => {
  const world = await extracted()
  const pages = await claimPages(world.db, everything)
  await world.db.rows(raw(`update accounts set status = 'erased' where id = 1`))
  await transform(world.db, pages, planning)
  const rows = await world.db.rows(sql`select distinct account_id, status from raw_pages order by 1`)
  expect(rows).toEqual([
    { account_id: '1', status: 'dropped' },
    { account_id: '2', status: 'transformed' },
  ])
})

test('a record that fails validation is quarantined with its path and cause, and its page goes on', async () => {
  const world = await extracted()
  const [page] = await world.db.rows<{ id: string; body: string }>(sql`
    select p.id, b.body from raw_pages p join raw_bodies b on b.raw_page_id = p.id where p.endpoint = 'videos' order by p.id limit 1`)
  const body = JSON.parse(page?.body ?? '{}')
  body.items[1].snippet.publishedAt = 'once\u0000'
  body.items[2].statistics.viewCount = 'many\u0000'
  await world.db.rows(
    sql`update raw_bodies set body = ${JSON.stringify(body)} where raw_page_id = ${page?.id ?? ''}`,
  )
  const standing = await world.within((opened) => opened.followThrough())
  expect(standing.quarantined).toBe(1)
  const [record] = await world.db.rows<{ path: string; cause: string }>(
    sql`select path, cause from quarantined_records`,
  )
  expect(record).toEqual({ path: 'items.1.snippet.publishedAt', cause: 'invalid_format' })
  // One strange field does not cost its record: it is NULL, and noted.
  const noted = await world.db.rows(sql`
    select i.field, i.code, i.value #>> '{}' as value, p.native_id = i.native_id as is_its_post, l.views, l.likes > 0 as liked
    from record_issues i join posts p on p.account_id = i.account_id and p.native_id = i.native_id
    join post_latest l on l.post_id = p.id`)
  expect(noted).toEqual([
    {
      field: 'statistics.viewCount',
      code: 'invalid_format',
      value: 'many',
      is_its_post: true,
      views: null,
      liked: true,
    },
  ])
  expect(await verify(world.db)).toEqual([])
})
