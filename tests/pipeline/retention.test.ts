import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { fewAccounts, openTestWorld, type TestWorld } from '../setup/world.ts'

const dayMs = 86_400_000
const later = async (world: TestWorld, days: number) =>
  world.clock.jumpTo(new Date(world.clock.now().getTime() + days * dayMs))
const nightly = (world: TestWorld) => world.within(({ cloud }) => cloud.triggers.tick('maintain'))
const count = async (
  world: TestWorld,
  table: 'raw_bodies' | 'posts' | 'post_metrics' | 'profiles' | 'profile_metrics',
) => {
  const counted = {
    raw_bodies: sql`select count(*)::int as n from raw_bodies`,
    posts: sql`select count(*)::int as n from posts`,
    post_metrics: sql`select count(*)::int as n from post_metrics`,
    profiles: sql`select count(*)::int as n from profiles`,
    profile_metrics: sql`select count(*)::int as n from profile_metrics`,
  }
  return (await world.db.rows<{ n: number }>(counted[table]))[0]?.n
}

test('answers as they came go after their days, and so do partitions that are empty then; rows made from them stay', async () => {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  await world.db.rows(sql`update retention set keep_days = null where field_group <> 'raw'`)
  await world.syncAll()
  const posts = await count(world, 'posts')
  await later(world, 29)
  await nightly(world)
  expect(await count(world, 'raw_bodies')).toBeGreaterThan(0)
  const [past] = await world.db.rows<{ name: string }>(sql`
    select tableoid::regclass::text as name from raw_bodies limit 1`)
  await later(world, 12)
  await nightly(world)
  expect(await count(world, 'raw_bodies')).toBe(0)
  expect(await count(world, 'posts')).toBe(posts)
  expect(await world.db.rows(sql`select to_regclass(${past?.name ?? ''}) as found`)).toEqual([
    { found: null },
  ])
  expect(await verify(world.db)).toEqual([])
})

test('a page that waits to be read keeps its body; a parked one that grows too old is dropped, and its records are forgotten', async () => {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  await world.syncAll()
  await world.db.rows(sql`update raw_pages set status = 'parked' where endpoint = 'playlistItems'`)
  await world.db.rows(sql`
    insert into quarantined_records (raw_page_id, account_id, path, cause, issues, record)
    select id, account_id, 'items.0', 'invalid_type', '[1]', '{"secret": 1}' from raw_pages where endpoint = 'channels'`)
  await world.db.rows(
    sql`update raw_pages set quarantined = 1, records_in = records_in + 1 where endpoint = 'channels'`,
  )
  await later(world, 31)
  await nightly(world)
  expect(
    await world.db.rows(sql`select distinct status from raw_pages where endpoint = 'playlistItems'`),
  ).toEqual([{ status: 'dropped' }])
  expect(await world.db.rows(sql`select cause, issues, record from quarantined_records`)).toEqual([
    { cause: 'invalid_type', issues: '[]', record: 'null' },
  ])
})

test('numbers of the past go by the rule of their platform, which is a row to be changed', async () => {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  await world.db.rows(sql`update retention set keep_days = null where field_group = 'content'`)
  await world.syncAll()
  const before = [await count(world, 'post_metrics'), await count(world, 'profile_metrics')]
  await world.db.rows(sql`update retention set keep_days = 90 where field_group = 'metrics'`)
  await later(world, 31)
  await nightly(world)
  expect([await count(world, 'post_metrics'), await count(world, 'profile_metrics')]).toEqual(before)
  await world.db.rows(sql`update retention set keep_days = 30 where field_group = 'metrics'`)
  await later(world, 1)
  await nightly(world)
  expect([await count(world, 'post_metrics'), await count(world, 'profile_metrics')]).toEqual([0, 0])
  const [latest] = await world.db.rows<{ views: number }>(
    sql`select count(views)::int as views from post_latest`,
  )
  expect(latest?.views).toBeGreaterThan(0)
})

test('content that comes near its end is asked for again and stays; what cannot be seen any more goes', async () => {
  const world = await openTestWorld({ observations: fewAccounts(2) })
  await world.syncAll()
  const posts = await count(world, 'posts')
  await world.db.rows(sql`update accounts set status = 'closed' where id = 2`)
  const [closed] = await world.db.rows<{ posts: number }>(
    sql`select count(*)::int as posts from posts where account_id = 2`,
  )
  await world.db.rows(sql`update accounts set next_sync_at = app_now() + interval '60 days'`)
  await later(world, 27)
  await nightly(world)
  const due = sql`select full_walk_at is null and next_sync_at <= app_now() as due from accounts order by id`
  expect(await world.db.rows(due)).toEqual([{ due: true }, { due: false }])
  await world.syncAll()
  await later(world, 4)
  await nightly(world)
  expect(await count(world, 'posts')).toBe((posts ?? 0) - (closed?.posts ?? 0))
  expect(await world.db.rows(sql`select account_id from profiles`)).toEqual([{ account_id: '1' }])
  expect(
    await world.db.rows(sql`
    select from annotations a where not exists (select from posts p where p.text_key = a.content_key)
      and not exists (select from post_media m where m.content_key = a.content_key)`),
  ).toEqual([])
  expect(await verify(world.db)).toEqual([])
})

test('windows of quota of long ago are forgotten', async () => {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  await world.syncAll()
  await later(world, 50)
  await nightly(world)
  expect(await world.db.rows(sql`select from quota_windows`)).toEqual([])
})

test('a partition that is empty stays while a page of its time is yet to be read', async () => {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  await world.syncAll()
  await world.db.rows(sql`select make_partitions('2021-03-01', '2021-03-02')`)
  await world.db.rows(
    sql`update raw_pages set status = 'parked', fetched_at = '2021-03-01' where id = (select min(id) from raw_pages)`,
  )
  const partitions = () =>
    world.db.rows(sql`select from pg_class where relname in ('post_metrics_202103', 'raw_bodies_20210301')`)
  const drop = () => world.db.rows(sql`select drop_empty_partitions(app_now())`)
  await drop()
  expect(await partitions()).toHaveLength(2)
  await world.db.rows(sql`update raw_pages set status = 'dropped' where status = 'parked'`)
  await drop()
  expect(await partitions()).toHaveLength(0)
})

test('a part of the sweep that fails holds up no other, nor what comes after', async () => {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  await world.syncAll()
  await world.db.rows(sql`
    create function refuse() returns trigger language plpgsql as 'begin raise exception ''not now''; end'`)
  await world.db.rows(sql`
    create trigger refuse before delete on profile_metrics for each statement execute function refuse()`)
  await later(world, 31)
  await world.within(({ cloud }) => cloud.triggers.tick('maintain'))
  expect(world.logged('a part of the nightly sweep failed')).toHaveLength(1)
  expect([await count(world, 'raw_bodies'), await count(world, 'posts')]).toEqual([0, 0])
  expect(
    await world.db.rows(sql`select task from maintained where task in ('retention', 'verify') order by 1`),
  ).toEqual([{ task: 'retention' }, { task: 'verify' }])
})
