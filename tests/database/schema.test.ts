import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makePartitions, migrate } from '#shared/db/migrate.ts'
import { openPool } from '#shared/db/pool.ts'
import { raw, sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openWorldClock } from '../../local/world-clock.ts'
import { openTestDatabase } from '../setup/database.ts'

test('every table, view and column has a comment', async () => {
  const { db } = await openTestDatabase()
  const bare = await db.rows<{ name: string }>(sql`
    select c.oid::regclass || coalesce('.' || a.attname, '') as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and (c.relkind <> 'v' or n.nspname = 'report')
    where n.nspname in ('public', 'report') and c.relkind in ('r', 'p', 'v') and not c.relispartition
      and (a.attnum is not null and col_description(c.oid, a.attnum) is null or obj_description(c.oid) is null)`)
  expect(bare).toEqual([])
})

test('migrating again changes nothing, also when many do it at once', async () => {
  const { db } = await openTestDatabase()
  expect(await Promise.all([migrate(db), migrate(db), migrate(db)])).toEqual([[], [], []])
  expect(await makePartitions(db)).toBe(0)
})

test('a migration changed after it was applied is refused', async () => {
  const { db } = await openTestDatabase()
  await db.rows(sql`update schema_migrations set sha256 = 'other' where name = '0003_sync.sql'`)
  await expect(migrate(db)).rejects.toThrow('0003_sync.sql was changed')
})

test('partitions reach nine weeks ahead, and a row that falls outside is found', async () => {
  const { db } = await openTestDatabase()
  const [row] = await db.rows<{ ahead: number }>(sql`
    select count(*)::int as ahead from pg_class where relname ~ '^raw_bodies_[0-9]{8}$'
      and to_date(substr(relname, 12), 'YYYYMMDD') > app_now()`)
  expect(row?.ahead).toBeGreaterThanOrEqual(9)
  await db.rows(sql`insert into raw_bodies (raw_page_id, fetched_on, body) values (7, '2001-01-01', '')`)
  expect(await verify(db)).toMatchObject([
    { name: 'no row is in a default partition', count: 1, sample: [{ id: '7' }] },
  ])
})

test('the clock is one: no statement asks now() itself, no source Date.now() or timers', () => {
  const files = ['functions', 'shared'].flatMap((folder) =>
    readdirSync(join(import.meta.dirname, '../..', folder), { recursive: true, encoding: 'utf8' })
      // The console runs in a browser, which has no clock of ours.
      .filter((name) => /\.(ts|sql)$/.test(name) && !name.startsWith('sync/console/'))
      // How long an exchange or a run may take is the time of the process, not of the world.
      .filter((name) => !['http/time-limit.ts', 'within.ts'].includes(name))
      .map((name) => join(import.meta.dirname, '../..', folder, name)),
  )
  const asking = /(?<!app_)\bnow\(\)|current_timestamp|\bDate\.now\b|new Date\(\)|\bsetTimeout\b/
  const guilty = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) =>
        asking.test(line.replace(/performance\.now\(\)|'select now\(\)'|nothing calls now\(\) itself/g, '')),
      )
      .map((line) => `${file}: ${line.trim()}`),
  )
  expect(guilty).toEqual([])
})

test('the clock of a simulated world moves on only, and conditions on it still use the index', async () => {
  const { db, clock } = await openTestDatabase()
  const before = clock.now()
  await clock.jumpTo(new Date(before.getTime() + 3_600_000))
  await clock.jumpTo(before)
  const [row] = await db.rows<{ now: Date }>(sql`select app_now() as now`)
  expect(Math.abs((row?.now.getTime() ?? 0) - clock.now().getTime())).toBeLessThan(1_000)
  expect(clock.now().getTime()).toBeGreaterThanOrEqual(before.getTime() + 3_600_000)
  await db.rows(
    raw(`
    insert into ml_jobs (content_key, kind, model, next_at)
    select md5(n::text)::uuid, 'text', 'm', app_now() + n * interval '1 minute' from generate_series(-50, 20000) n;
    analyze ml_jobs`),
  )
  const plan = await db.rows<{ 'QUERY PLAN': string }>(sql`
    explain select id from ml_jobs where status in ('planned', 'submitting') and next_at <= app_now() order by next_at, id limit 100`)
  const text = plan.map((line) => line['QUERY PLAN']).join('\n')
  expect(text).toContain('ml_jobs_to_send')
  expect(text).toContain('Index Cond')
})

test('a jump across a change of daylight saving time arrives, whatever the zone of the server', async () => {
  const { db, url } = await openTestDatabase()
  await db.rows(raw(`alter database ${new URL(url).pathname.slice(1)} set timezone = 'Europe/Berlin'`))
  const berlin = openPool({ url, max: 1 })
  const clock = await openWorldClock(berlin, undefined)
  for (const time of ['2027-03-29T12:00:00Z', '2027-11-01T12:00:00Z']) {
    await clock.jumpTo(new Date(time))
    const [row] = await berlin.rows<{ now: Date }>(sql`select app_now() as now`)
    expect(Math.abs((row?.now.getTime() ?? 0) - Date.parse(time))).toBeLessThan(5_000)
  }
  await berlin.end()
})
