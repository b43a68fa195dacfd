import { expect, test } from 'vitest'
import { migrate } from '#shared/db/migrate.ts'
import { openPool } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/verify.ts'
import { openTestDatabase } from '../setup/database.ts'
import { openTestWorld } from '../setup/world.ts'

const roles = ['social_sync_run', 'social_sync_read'] as const

/** Roles belong to the server: tests side by side may make them at once. */
async function makeRoles(url: string): Promise<void> {
  const db = openPool({ url, max: 1 })
  await db.rows(sql`
    do $$
    begin
      create role social_sync_run login password 'of-tests';
    exception when duplicate_object or unique_violation then null;
    end
    $$`)
  await db.rows(sql`
    do $$
    begin
      create role social_sync_read login password 'of-tests';
    exception when duplicate_object or unique_violation then null;
    end
    $$`)
  await migrate(db)
  await db.end()
}

const urlOf = (url: string, role: (typeof roles)[number]) =>
  Object.assign(new URL(url), { username: role, password: 'of-tests' }).href

async function openAs(role: (typeof roles)[number]) {
  const { url } = await openTestDatabase()
  await makeRoles(url)
  return openPool({ url: urlOf(url, role), max: 1 })
}

const denied = { code: '42501' }

test('the whole product runs as the role of the functions, redrive and erasure too', async () => {
  const world = await openTestWorld()
  await makeRoles(world.url)
  const { simulators, db } = world
  simulators.youtube.plan({
    path: '/youtube/v3/playlistItems',
    times: 1,
    status: { status: 404, body: '<html>' },
  })
  const opened = await world.open(undefined, { DATABASE_URL: urlOf(world.url, 'social_sync_run') })
  await opened.runOnce()
  const call = async (httpMethod: string, path: string, body: object = {}) =>
    opened.cloud.triggers.call('sync', {
      ...{ httpMethod, path, body: JSON.stringify(body) },
      headers: { 'x-api-key': 'k'.repeat(32), 'content-type': 'application/json' },
    })
  expect(await call('POST', '/v1/parked/redrive')).toMatchObject({ statusCode: 200 })
  await opened.followThrough()
  expect(await call('POST', '/v1/keys', { name: 'reader', scopes: ['read'] })).toMatchObject({
    statusCode: 201,
  })
  expect(await call('DELETE', '/v1/accounts/1')).toMatchObject({ statusCode: 200 })
  expect(await call('GET', '/v1/verify')).toMatchObject({ statusCode: 200 })
  await opened.close()
  expect(world.failures).toEqual([])
  expect(await verify(db)).toEqual([])
})

test.for([
  'drop table posts',
  'create table mine (id int)',
  'alter table accounts add column mine int',
  'delete from audit_log',
  "update audit_log set actor = 'nobody'",
  'delete from erasures',
  "insert into schema_migrations (name, sha256) values ('0099', 'x')",
  'update retention set keep_days = 7',
  'delete from api_keys',
  'select grant_roles()',
  'create role mine',
])('the role of the functions may not: %s', async (statement) => {
  const db = await openAs('social_sync_run')
  await expect(db.rows(sql([statement]))).rejects.toMatchObject(denied)
  await db.end()
})

test('every table is told apart: what a reader sees, and what no reader may', async () => {
  const { db, url } = await openTestDatabase()
  await makeRoles(url)
  const hidden = await db.rows<{ name: string }>(sql`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')
      and not relispartition and relname <> 'local_cloud' and not has_table_privilege('social_sync_read', oid, 'select') order by 1`)
  expect(hidden.map(({ name }) => name)).toEqual([
    'api_keys',
    'credentials',
    'erasures',
    'idempotent_requests',
  ])
  const seen = await db.rows<{ name: string }>(sql`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')
      and not relispartition and relname <> 'local_cloud' and has_table_privilege('social_sync_read', oid, 'select') order by 1`)
  // A new table belongs in one of the two lists.
  expect(seen.map(({ name }) => name)).toEqual([
    ...[
      'accounts',
      'annotations',
      'audit_log',
      'maintained',
      'ml_job_targets',
      'ml_jobs',
      'post_annotations',
    ],
    ...[
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
  for (const table of ['credentials', 'api_keys', 'idempotent_requests', 'erasures'])
    await expect(db.rows(sql([`select from ${table}`])), table).rejects.toMatchObject(denied)
  for (const statement of [
    'delete from posts',
    "update accounts set status = 'paused'",
    'select make_partitions(now(), now())',
  ])
    await expect(db.rows(sql([statement])), statement).rejects.toMatchObject(denied)
  await db.end()
})
