import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { redrivePages } from '#shared/db/operations/intervene.ts'
import { createJob, joinOrCreateTask } from '#shared/db/operations/sync-jobs.ts'
import type { Db } from '#shared/db/pool.ts'
import { raw, sql } from '#shared/db/sql.ts'
import { paceOf } from '#shared/db/views/forecast.ts'
import { readGauges } from '#shared/db/views/gauges.ts'
import { switchFaults } from '../../local/switch-faults.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

const synced = (db: Db) =>
  db.rows<{ id: string; at: Date | null }>(sql`select id, synced_at as at from accounts order by id`)

/** Asks for a walk over every post of each account. */
const askForAll = (db: Db) =>
  db.transaction(async (tx) => {
    const jobId =
      (await createJob(tx, { origin: 'http', mode: 'full', idempotencyKey: null, requestHash: null })) ?? ''
    for (const { id } of await synced(db))
      await joinOrCreateTask(tx, { accountId: id, mode: 'full', lane: 'ad-hoc', jobId, traceparent: null })
  })

test('an account whose page was parked is synced when that has been read after all', async () => {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  await world.syncAll()
  const parked = await world.db.rows<{ id: string }>(sql`
    update raw_pages set status = 'parked' where endpoint = 'videos' returning id`)
  expect(parked.length).toBeGreaterThan(0)
  await world.db.rows(sql`update accounts set synced_at = null`)
  await redrivePages(
    world.db,
    parked.map(({ id }) => id),
    'somebody',
  )
  await world.within((opened) => opened.followThrough())
  expect(await synced(world.db)).toMatchObject([{ at: expect.any(Date) }])
})

test('walks from before the column follow the same rule', async () => {
  const world = await openTestWorld({ observations: fewAccounts(3) })
  await world.syncAll()
  const before = await synced(world.db)
  expect(before.every(({ at }) => at !== null)).toBe(true)
  // One was not found, one has an unreadable page; the third was walked.
  await world.db.rows(sql`
    update sync_tasks set cursor = jsonb_set(cursor, '{ended}', '"missing"') where account_id = 1;`)
  await world.db.rows(sql`
    update raw_pages set status = 'parked' where id in (select min(id) from raw_pages where account_id = 2)`)
  await world.db.rows(sql`update accounts set synced_at = null`)
  const file = join(import.meta.dirname, '../../shared/db/migrations/0017_freshness_known.sql')
  await world.db.rows(raw(await readFile(file, 'utf8')))
  expect(await synced(world.db)).toEqual([{ id: '1', at: null }, { id: '2', at: null }, before[2]])
})

test('a record is refused no more when a later walk over every post refuses nothing', async () => {
  const world = await openTestWorld({ observations: fewAccounts(2) })
  const addresses = { youtube: world.simulators.youtube.url }
  await switchFaults(['youtube:shape'], addresses)
  await world.syncAll()
  expect((await readGauges(world.db)).quarantined).toBeGreaterThan(0)
  await askForAll(world.db)
  await world.syncAll()
  expect((await readGauges(world.db)).quarantined).toBeGreaterThan(0)
  await switchFaults(['none'], addresses)
  await askForAll(world.db)
  await world.syncAll()
  expect((await readGauges(world.db)).quarantined).toBe(0)
})

test('accounts that are not synced, or that are not found, are stopped and not the stalest', async () => {
  const world = await openTestWorld({ observations: fewAccounts(3) })
  await world.syncAll()
  await world.db.rows(sql`update accounts set access_mode = 'import' where id = 1`)
  await world.db.rows(sql`update accounts set status = 'missing' where id = 2`)
  const { accounts, stalest } = await readGauges(world.db)
  expect(accounts).toEqual(
    expect.arrayContaining([
      { platform: 'youtube', state: 'fresh', client: null, count: 1 },
      { platform: 'youtube', state: 'stopped', client: null, count: 2 },
    ]),
  )
  expect(stalest.map(({ id }) => id)).toEqual(['3'])
})

test('how many ML jobs a post has is known of each platform, however many posts another one has', async () => {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  await world.syncAll()
  await world.db.rows(sql`
    insert into accounts (platform, handle, access_mode, synced_at) values ('instagram', 'a', 'public_discovery', app_now())`)
  await world.db.rows(sql`
    insert into posts (account_id, platform, native_id, class, published_at)
    select max(id), 'instagram', n::text, 'image', app_now() from accounts, generate_series(1, 4000) n group by n`)
  const { jobs_a_post } = await paceOf(world.db)
  expect(jobs_a_post['youtube']).toBeGreaterThan(0)
  expect(jobs_a_post).toMatchObject({ instagram: 0 })
  expect(jobs_a_post).not.toHaveProperty('tiktok')
})
