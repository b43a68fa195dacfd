import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, inject, onTestFinished, test } from 'vitest'
import { type Db, openPool } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { blankDatabase } from '../setup/database.ts'
import { canDrive } from '../setup/orchestrator.ts'
import { newFolder, start } from '../setup/start.ts'
import { fewAccounts, fewPosts } from '../setup/world.ts'

/** `npm start -- --once --json` on an empty database, in a folder of its own. */
async function openOnce(args: readonly string[]) {
  const url = await blankDatabase()
  const db = openPool({ url, max: 1 })
  onTestFinished(() => db.end())
  const folder = newFolder()
  const run = (more: readonly string[] = []) =>
    start(folder, ['--once', '--json', '--port', '0', ...args, ...more], { DATABASE_URL: url }).ended
  return { db, run }
}

const resultOf = (output: string) => JSON.parse(output.trim().split('\n').at(-1) ?? '')
const nowOf = async (db: Db) =>
  (await db.rows<{ now: Date }>(sql`select app_now() as now`))[0]?.now.getTime() ?? 0

test('--once syncs everything, prints one JSON object last, and a second run adds nothing', async () => {
  const dataset = newFolder()
  const observations = fewAccounts(3)
  writeFileSync(
    join(dataset, 'youtube.jsonl.gz'),
    gzipSync(observations.map((line) => JSON.stringify(line)).join('\n')),
  )
  const { db, run } = await openOnce(['--dataset', dataset, '--platform', 'youtube'])
  const { code, output } = await run()
  expect(code, output).toBe(0)
  const result = resultOf(output)
  expect(Object.keys(result)).toEqual(
    'accounts posts post_metrics profile_metrics annotations quarantined ml_jobs parked tasks error'.split(
      ' ',
    ),
  )
  const posts = observations.filter(({ kind }) => kind === 'post').length
  expect(result).toMatchObject({ accounts: 3, posts, error: null, tasks: { done: 3 }, ml_jobs: { open: 0 } })
  // The world's clock has gone on while it waited for ML.
  expect(await nowOf(db)).toBeGreaterThan(Date.now() + 3_600_000)
  expect(resultOf((await run()).output)).toMatchObject({ posts, error: null, tasks: { done: 6 } })
  expect(await verify(db)).toEqual([])
})

test.runIf(inject('isFull'))(
  '--once --raw-store ydb keeps raw answers in YDB; a later start without it reads them from there',
  async () => {
    const dataset = newFolder()
    const lines = fewPosts(2, 3).map((line) => JSON.stringify(line))
    writeFileSync(join(dataset, 'youtube.jsonl.gz'), gzipSync(lines.join('\n')))
    const { db, run } = await openOnce(['--dataset', dataset, '--platform', 'youtube'])
    const first = await run(['--raw-store', 'ydb', '--state-store', 'ydb'])
    expect(first.code, first.output).toBe(0)
    expect(resultOf(first.output)).toMatchObject({ accounts: 2, posts: 6, error: null })
    expect(await db.rows(sql`select from raw_bodies`)).toEqual([])
    const [far] = await db.rows<{ n: number }>(
      sql`select count(*)::int as n from raw_pages where body_key is not null`,
    )
    expect(far?.n).toBeGreaterThan(0)
    await db.rows(sql`update raw_pages set status = 'stored', retry_at = app_now()`)
    const second = await run(canDrive('flow') ? ['--state-store', 'redis'] : [])
    expect(second.code, second.output).toBe(0)
    expect(await db.rows(sql`select from raw_pages where status <> 'transformed'`)).toEqual([])
    expect((await db.rows(sql`select from raw_bodies`)).length).toBeGreaterThan(0)
    expect(await verify(db)).toEqual([])
  },
)

// The processes of temporal are tried elsewhere.
const started = inject('isFull') ? (['flow', 'temporal'] as const) : (['flow'] as const)
test.for(started.filter(canDrive))(
  '--once --driver %s syncs everything too, with servers of its own',
  { timeout: 120_000 },
  async (driver) => {
    const dataset = newFolder()
    const lines = fewPosts(2, 3).map((line) => JSON.stringify(line))
    writeFileSync(join(dataset, 'youtube.jsonl.gz'), gzipSync(lines.join('\n')))
    const { db, run } = await openOnce(['--dataset', dataset, '--platform', 'youtube', '--driver', driver])
    const { code, output } = await run()
    expect(code, output).toBe(0)
    expect(resultOf(output)).toMatchObject({
      accounts: 2,
      posts: 6,
      error: null,
      tasks: { done: 2 },
      ml_jobs: { open: 0 },
    })
    expect(await verify(db)).toEqual([])
  },
)

// Two worlds from beginning to end, beside whatever else runs here.
test.runIf(inject('isFull'))(
  '--once again on a generated world finds what was published since',
  {
    timeout: 240_000,
  },
  async () => {
    const { db, run } = await openOnce(['--platform', 'tiktok'])
    const first = await run()
    const result = resultOf(first.output)
    expect(first.code, first.output).toBe(0)
    expect(result).toMatchObject({ accounts: 12, error: null, tasks: { done: 12 }, ml_jobs: { open: 0 } })
    expect(result.posts).toBeGreaterThanOrEqual(500)
    const before = await nowOf(db)
    expect(await run(['--at', '2030-01-01T00:00:00Z'])).toMatchObject({
      code: 2,
      output: expect.stringContaining('start again with --fresh'),
    })
    const second = resultOf((await run()).output)
    // Every account was synced again; numbers of young posts may have been due besides.
    expect(second).toMatchObject({ error: null, ml_jobs: { open: 0 } })
    expect(Object.keys(second.tasks)).toEqual(['done'])
    expect(second.tasks.done).toBeGreaterThanOrEqual(24)
    expect(second.posts).toBeGreaterThan(result.posts)
    expect(await nowOf(db)).toBeGreaterThanOrEqual(before)
  },
)
