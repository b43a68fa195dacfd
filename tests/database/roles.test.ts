import { expect, test } from 'vitest'
import { migrate } from '#shared/db/migrate.ts'
import { eraseAccount } from '#shared/db/operations/erase.ts'
import { openPool } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { recognisePicture } from '#shared/db/tables/known-pictures.ts'
import { verify } from '#shared/db/views/verify.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { openTestDatabase } from '../setup/database.ts'
import { urlOf } from '../setup/roles.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

async function openAs(role: string) {
  const { url } = await openTestDatabase()
  return openPool({ url: urlOf(url, role), max: 1 })
}

const denied = { code: '42501' }

test('in every test each function is a role of its own, and maintain alone owns the tables', async () => {
  const world = await openTestWorld()
  const ports = new Map<string, Ports>()
  const opened = await world.open((name, given) => {
    ports.set(name, given)
    return given
  })
  await opened.runOnce()
  const { db } = world
  const [owner] = await db.rows<{ role: string }>(sql`select current_user as role`)
  for (const [name, given] of ports)
    expect(await given.db.rows(sql`select current_user as role`), name).toEqual([
      name === 'maintain' ? owner : { role: `social_sync_${name.replaceAll('-', '_')}` },
    ])
  expect([...ports.keys()]).toContain('sync')
  await opened.close()
})

test('roles that were made after the tables get their rights with the next migration', async () => {
  const { db, url } = await openTestDatabase()
  await db.rows(sql`revoke all on all tables in schema public from social_sync_run, social_sync_read`)
  const run = openPool({ url: urlOf(url, 'social_sync_run'), max: 1 })
  await expect(run.rows(sql`select from posts`)).rejects.toMatchObject(denied)
  expect(await migrate(db)).toEqual([])
  expect(await run.rows(sql`select from posts`)).toEqual([])
  await run.end()
})

test.for([
  'drop table posts',
  'create table mine (id int)',
  'alter table accounts add column mine int',
  'delete from audit_log',
  "update audit_log set actor = 'nobody'",
  "update erasures set hash = ''",
  "insert into schema_migrations (name, sha256) values ('0099', 'x')",
  'update retention set keep_days = 7',
  "insert into platforms (name, profile_endpoints) values ('mine', '{}')",
  'delete from api_keys',
  'select grant_roles()',
  'create role mine',
])('the role of the functions may not: %s', async (statement) => {
  const db = await openAs('social_sync_run')
  await expect(db.rows(sql([statement]))).rejects.toMatchObject(denied)
  await db.end()
})

const others = ['extract_youtube', 'extract_instagram', 'extract_tiktok', 'transform', 'poll', 'sync']

test.for([
  // What would open the API, or accounts of others.
  ["insert into api_keys (name, hash, scopes) values ('mine', 'x', '{admin}')", ['sync']],
  ['select hash from api_keys', ['sync']],
  ['select key_check from installation', ['sync']],
  ['select sealed from credentials', ['extract_instagram', 'extract_tiktok']],
  ["update credentials set sealed = ''", []],
  ["insert into credentials (platform, sealed) values ('tiktok', '')", ['sync']],
  // What would bring back what was erased, or hide what was done.
  ['delete from erasures', ['sync']],
  ['delete from audit_log', []],
  ["update audit_log set actor = 'x'", []],
  // What is another's work.
  ['select body from raw_bodies', ['transform', 'sync']],
  [
    "insert into raw_bodies (raw_page_id, fetched_on, body) values (0, '2026-01-01', '')",
    ['extract_youtube', 'extract_instagram', 'extract_tiktok'],
  ],
  ["update posts set body = ''", ['transform']],
  ["update accounts set handle = 'x'", ['transform', 'sync']],
  ["update annotations set result = '{}'", []],
  [
    'update sync_tasks set lease_token = lease_token',
    ['extract_youtube', 'extract_instagram', 'extract_tiktok', 'transform', 'sync'],
  ],
  ['update retention set keep_days = 7', []],
  ['create table mine (id int)', []],
  ['select grant_roles()', []],
] as const)('the functions that may: %s', async ([statement, may]) => {
  const { url } = await openTestDatabase()
  const allowed: string[] = []
  for (const name of others) {
    const db = openPool({ url: urlOf(url, `social_sync_${name}`), max: 1 })
    const refused = await db.rows(sql([`explain ${statement}`])).then(
      () => undefined,
      (error: { code?: string }) => error.code,
    )
    if (refused === undefined) allowed.push(name)
    await db.end()
  }
  expect(allowed).toEqual(may)
})

test('every table is listed: what a reader sees, and what no reader may', async () => {
  const { db } = await openTestDatabase()
  const hidden = await db.rows<{ name: string }>(sql`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')
      and not relispartition and relname <> 'local_cloud' and not has_table_privilege('social_sync_read', oid, 'select') order by 1`)
  expect(hidden.map(({ name }) => name)).toEqual([
    'alert_channels',
    'alert_messages',
    'api_keys',
    'connect_links',
    'consents',
    'credentials',
    'deletion_requests',
    'doomed_bodies',
    'erasures',
    'fast_state',
    'idempotent_requests',
    'installation',
  ])
  const seen = await db.rows<{ name: string }>(sql`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')
      and not relispartition and relname <> 'local_cloud' and has_table_privilege('social_sync_read', oid, 'select') order by 1`)
  // A new table belongs in one of the two lists.
  expect(seen.map(({ name }) => name)).toEqual([
    ...[
      'account_days',
      'accounts',
      'alert_events',
      'alerts',
      'annotations',
      'app_faults',
      'audit_log',
      'brand_handles',
      'brands',
      'caption_brands',
      'clients',
      'content_salts',
      'known_pictures',
      'maintained',
      'media_copies',
      'ml_find_brands',
      'ml_finds',
      'ml_jobs',
      'ml_plans',
      'ml_runs',
      'ml_spending',
      'ml_waits',
      'platforms',
      'post_annotations',
      'post_appearances',
    ],
    ...[
      'post_brands',
      'post_days',
      'post_deletions',
      'post_finds',
      'post_hashtags',
      'post_latest',
      'post_media',
      'post_mentions',
      'post_metrics',
      'post_ml_mentions',
      'posts',
    ],
    ...[
      'profile_metrics',
      'profiles',
      'quarantined_records',
      'quota_windows',
      'raw_bodies',
      'raw_pages',
      'record_issues',
      'refusals',
      'report_settings',
      'retention',
    ],
    ...['schema_migrations', 'sync_job_tasks', 'sync_jobs', 'sync_tasks'],
  ])
})

test('a reader sees the rows and their history, and no secret; it changes nothing', async () => {
  const db = await openAs('social_sync_read')
  for (const table of [
    'posts',
    'profiles',
    'post_metrics',
    'post_ml_mentions',
    'raw_bodies',
    'sync_tasks',
    'audit_log',
  ])
    expect(await db.rows(sql([`select from ${table}`]))).toEqual([])
  for (const view of ['posts', 'post_daily', 'account_daily', 'brand_mentions', 'deletions'])
    expect(await db.rows(sql([`select from report.${view}`]))).toEqual([])
  // Views of its own go where it may make them, and nowhere else.
  await db.rows(sql`create view best as select post_id from report.posts where engagement_rate > 0.1`)
  expect(await db.rows(sql`select from best`)).toEqual([])
  await db.rows(sql`drop view social_sync_read.best`)
  for (const table of ['credentials', 'api_keys', 'idempotent_requests', 'erasures'])
    await expect(db.rows(sql([`select from ${table}`])), table).rejects.toMatchObject(denied)
  for (const statement of [
    'delete from posts',
    "update accounts set status = 'paused'",
    'select make_partitions(now(), now())',
    'create view public.best as select 1',
    'create view report.best as select 1',
  ])
    await expect(db.rows(sql([statement])), statement).rejects.toMatchObject(denied)
  await db.end()
})

test('transform and poll have what submit and copy need, which both run', async () => {
  const { db } = await openTestDatabase()
  const names = [
    'annotations',
    'known_pictures',
    'media_copies',
    'ml_jobs',
    'ml_plans',
    'ml_runs',
    'ml_spending',
    'ml_waits',
    'quota_windows',
  ]
  const lacking = await db.rows(sql`
    select t.name, r.right from unnest(${names}::text[]) t(name), unnest('{select,insert,update,delete}'::text[]) r("right")
    where has_any_column_privilege('social_sync_transform', t.name, nullif(r.right, 'delete'))
      and not has_any_column_privilege('social_sync_poll', t.name, nullif(r.right, 'delete'))`)
  expect(lacking).toEqual([])
  const poll = openPool({ url: urlOf((await openTestDatabase()).url, 'social_sync_poll'), max: 1 })
  for (const sha256 of ['a', 'b'])
    await recognisePicture(poll, '0'.repeat(31) + sha256, { sha256: Buffer.from('same'), looks: null })
  await poll.end()
})

test.for(['transform', 'sync'])('%s erases an account with all that it has', async (name) => {
  const world = await openTestWorld({ observations: fewAccounts(2), platforms: ['youtube', 'tiktok'] })
  await world.within(({ runOnce }) => runOnce())
  const [account] = await world.db.rows<{ id: string }>(
    sql`select account_id as id from posts group by 1 order by count(*) desc limit 1`,
  )
  const db = openPool({ url: urlOf(world.url, `social_sync_${name}`), max: 1 })
  const erased = await eraseAccount(db, account?.id ?? '', { actor: name, hashHandle: null })
  expect(erased?.posts).toBeGreaterThan(0)
  expect(await world.db.rows(sql`select from posts where account_id = ${account?.id}`)).toEqual([])
  expect(await verify(world.db)).toEqual([])
  await db.end()
})
