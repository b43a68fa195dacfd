import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { eraseAccount } from '#shared/db/operations/erase.ts'
import { raw, sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openApi } from '../setup/api.ts'
import { cli } from '../setup/cli.ts'
import { snapshot } from '../setup/snapshot.ts'
import { newFolder } from '../setup/start.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

const command = (args: readonly string[], url: string) => cli(['import', ...args], { DATABASE_URL: url })

/** What a sync kept, as a file of JSON lines. */
async function exported(world: Awaited<ReturnType<typeof openTestWorld>>): Promise<object[]> {
  const pages = await world.db.rows<{ native_id: string; endpoint: string; fetched_at: Date; body: string }>(
    raw(`
    select a.native_id, p.endpoint, p.fetched_at, b.body from raw_pages p join accounts a on a.id = p.account_id
    join raw_bodies b on b.raw_page_id = p.id order by p.id`),
  )
  return pages.map((page) => ({ platform: 'youtube', ...page }))
}

const lines = (pages: readonly object[]) => pages.map((page) => `${JSON.stringify(page)}\n`).join('')

test('answers from another database give the same rows here, once, and no platform is called', async () => {
  const source = await openTestWorld({ observations: fewAccounts(2) })
  await source.syncAll()
  const pages = await exported(source)
  const world = await openTestWorld({ observations: [] })
  const file = join(newFolder(), 'pages.jsonl.gz')
  writeFileSync(file, gzipSync(lines([...pages, ...pages.slice(0, 2)])))
  const first = await command(['--json', file], world.url)
  expect(JSON.parse(first.stdout)).toEqual({ kept: pages.length, known: 2, refused: 0, faults: 0 })
  await world.clock.jumpTo(new Date(world.clock.now().getTime() + 180_000))
  await world.within(async ({ cloud, followThrough }) => {
    await cloud.triggers.tick('poll')
    await followThrough()
  })
  const { tasks, ...rows } = await snapshot(world.db)
  const { tasks: theirs, ...wanted } = await snapshot(source.db)
  expect(rows).toEqual(wanted)
  expect(tasks).toHaveLength(theirs?.length ?? 0)
  expect(await world.db.rows(sql`select distinct status, walk_outcome from sync_tasks`)).toEqual([
    { status: 'done', walk_outcome: 'partial' },
  ])
  expect(JSON.parse((await command(['--json', file], world.url)).stdout)).toMatchObject({ kept: 0 })
  await world.within(({ cloud }) => cloud.triggers.tick('extract-youtube'))
  expect(world.simulators.youtube.calls.size).toBe(0)
  expect(await verify(world.db)).toEqual([])
})

test('answers of years ago find their partitions', async () => {
  const source = await openTestWorld({ observations: fewAccounts(1) })
  await source.syncAll()
  const pages = (await exported(source)).map((page) => ({ ...page, fetched_at: '2021-03-04T05:06:07.000Z' }))
  const world = await openTestWorld({ observations: [] })
  const file = join(newFolder(), 'pages.jsonl')
  writeFileSync(file, lines(pages))
  expect((await command([file], world.url)).stdout).toContain(`${pages.length} pages kept`)
  await world.within(({ followThrough }) => followThrough())
  const [history] = await world.db.rows<{ at: Date }>(sql`select min(observed_at) as at from post_metrics`)
  expect(history?.at.toISOString()).toBe('2021-03-04T05:06:07.000Z')
  expect(await verify(world.db)).toEqual([])
})

test('what was imported outlives the night, with a warning where a rule is shorter than its age', async () => {
  const source = await openTestWorld({ observations: fewAccounts(1) })
  await source.syncAll()
  const pages = (await exported(source)).map((page) => ({ ...page, fetched_at: '2026-03-04T05:06:07.000Z' }))
  const world = await openTestWorld({ observations: [] })
  const file = join(newFolder(), 'pages.jsonl')
  writeFileSync(file, lines(pages))
  expect((await command([file], world.url)).stderr).toContain(
    `${pages.length} pages are older than table retention allows`,
  )
  await world.db.rows(sql`update retention set keep_days = 4000 where field_group <> 'raw'`)
  await world.within(async ({ cloud, followThrough }) => {
    await followThrough()
    await cloud.triggers.tick('maintain')
  })
  const [left] = await world.db.rows<{ bodies: number; posts: number; metrics: number }>(sql`
    select (select count(*)::int from raw_bodies) as bodies, (select count(*)::int from posts) as posts,
      (select count(*)::int from post_metrics) as metrics`)
  expect(left?.bodies).toBe(pages.length)
  expect(left?.posts).toBeGreaterThan(0)
  expect(left?.metrics).toBeGreaterThan(0)
  expect(await verify(world.db)).toEqual([])
})

test('an account that was erased is not imported, and tokens in foreign answers are not kept', async () => {
  const world = await openTestWorld({ observations: [] })
  const page = { platform: 'instagram', endpoint: 'media', fetched_at: '2026-10-01T00:00:00Z' }
  const next = 'https://graph.instagram.com/v25.0/1/media?access_token=IGAA-secret&after=x'
  const body = JSON.stringify({ data: [], paging: { next, note: 'access_token=IGAA-secret' } })
  const file = join(newFolder(), 'pages.jsonl')
  writeFileSync(
    file,
    lines([
      { ...page, native_id: '1', body },
      { ...page, handle: 'gone', native_id: '2', body },
    ]),
  )
  await world.db.rows(
    sql`insert into accounts (platform, handle, native_id, access_mode) values ('instagram', 'gone', '2', 'import')`,
  )
  await eraseAccount(world.db, '1', { actor: 'test', hashHandle: null })
  expect((await command([file], world.url)).stdout).toContain('1 pages kept, 0 known already, 1 refused')
  const [kept] = await world.db.rows<{ body: string }>(sql`select body from raw_bodies`)
  expect(kept?.body).not.toContain('IGAA')
  await world.db.rows(sql`update erasures set kind = 'handle', salt = null`)
  expect(await command([file], world.url)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('CREDENTIALS_KEY'),
  })
})

test('an account known only from files is synced once a request names it', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(1), platforms: [] })
  const [native_id] = world.world.accounts('youtube')
  const page = {
    platform: 'youtube',
    native_id,
    endpoint: 'channels',
    fetched_at: '2026-10-01T00:00:00Z',
    body: '{"items": []}',
  }
  const file = join(newFolder(), 'pages.jsonl')
  writeFileSync(file, lines([page]))
  await command([file], world.url)
  expect((await call('POST', '/v1/syncs', { platform: 'youtube', handle: native_id })).status).toBe(202)
  await opened.followThrough()
  expect(await world.db.rows(sql`select access_mode, status from accounts`)).toEqual([
    { access_mode: 'public_key', status: 'active' },
  ])
})

test('a fault names its line and the rest is imported; what cannot be read is parked with its cause', async () => {
  const world = await openTestWorld({ observations: [] })
  const good = {
    platform: 'tiktok',
    handle: '@tom',
    endpoint: 'user.info',
    fetched_at: '2026-01-01T00:00:00Z',
    body: '<html>',
  }
  const file = join(newFolder(), 'pages.jsonl')
  writeFileSync(
    file,
    [
      JSON.stringify(good),
      '{"platform": "myspace"}',
      'not json',
      JSON.stringify({ ...good, handle: undefined }),
      JSON.stringify({ ...good, fetched_at: '2999-01-01T00:00:00Z' }),
    ].join('\n'),
  )
  const { code, stdout, stderr } = await command([file], world.url)
  expect(code).toBe(1)
  expect(stdout).toContain('1 pages kept, 0 known already, 1 refused')
  expect(stderr).toMatch(
    /line 2: platform: .*\nline 3: it is not JSON\nline 4: handle or native_id is missing/,
  )
  await world.within(({ followThrough }) => followThrough())
  expect(await world.db.rows(sql`select status from raw_pages`)).toEqual([{ status: 'parked' }])
  expect(await world.db.rows(sql`select status, reason from sync_tasks`)).toEqual([
    { status: 'done', reason: 'incomplete' },
  ])
})

test('a file that is cut off keeps what came before, and says how to go on', async () => {
  const world = await openTestWorld({ observations: [] })
  const file = join(newFolder(), 'pages.jsonl.gz')
  const page = {
    platform: 'tiktok',
    handle: 'tom',
    endpoint: 'user.info',
    fetched_at: '2026-01-01T00:00:00Z',
  }
  const pages = Array.from({ length: 600 }, (_, number) => ({ ...page, body: `{"number": ${number}}` }))
  const whole = gzipSync(lines(pages), { level: 0 })
  writeFileSync(file, whole.subarray(0, whole.length - 20_000))
  const { code, stderr } = await command([file], world.url)
  expect(code).toBe(2)
  expect(stderr).toMatch(/stopped after \d00 pages: .*; run the same command to go on/)
  writeFileSync(file, whole)
  expect(JSON.parse((await command(['--json', file], world.url)).stdout)).toMatchObject({
    refused: 0,
    faults: 0,
  })
  expect(await world.db.rows(sql`select count(*)::int as pages from raw_pages`)).toEqual([{ pages: 600 }])
})

test.for([
  { args: [], says: "missing required argument 'file'" },
  { args: ['/nowhere/at-all.jsonl'], says: 'there is no file /nowhere/at-all.jsonl' },
  { args: ['--nonsense'], says: 'npx social-sync import --help' },
])('npm run import $args is one line and exit 2', async ({ args, says }) => {
  const { code, stderr } = await command(args, 'postgres://nobody@127.0.0.1:1/none')
  expect(code).toBe(2)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toContain(says)
})
