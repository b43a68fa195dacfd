import pg from 'pg'
import { sweep } from '#functions/maintain/sweep.ts'
import { runPoll } from '#functions/poll/run.ts'
import { runSubmit } from '#functions/submit/run.ts'
import { inPostgres } from '#shared/db/body-store.ts'
import { makePartitions } from '#shared/db/migrate.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { openWorldClock, type WorldClock } from '../local/world-clock.ts'
import { asking, sendingTo } from '../tests/setup/ml.ts'
import { round, seconds } from './measure.ts'
import { doneWhenAskedTwice } from './ours.ts'
import { type BenchPages, readPages } from './pages.ts'
import { connections, prepare, runPipeline } from './pipeline.ts'
import { type BenchServer, statement, withDb } from './server.ts'
import type { Report, SuiteOptions } from './suite.ts'

const syncsADay = 4
const dayMs = 86_400_000

/** Tables whose size is shown by itself; the rest together. */
const shown = ['posts', 'post_latest', 'post_metrics', 'ml_jobs', 'raw_pages'] as const
type Shown = (typeof shown)[number] | 'rest'
type Sizes = Readonly<Record<Shown, number>>

interface Day {
  readonly day: number
  readonly sizes: Sizes
  /** Of the syncs of that day. */
  readonly postsPerSecond: number
}

/**
 * What syncs of many days leave on disk: the same posts read four times a day, with other numbers each time and one in a hundred
 * edited, all ML jobs done, the nightly sweep, and the vacuum that the server would have run by its rules.
 */
export async function daysSuite(server: BenchServer, options: SuiteOptions): Promise<Report> {
  const source = await readPages(options.quick ? 500 : 10_000, options.dataset)
  const last = options.quick ? 3 : 30
  const { url, drop } = await server.database('bench_days')
  const { days, rewritten } = await withDb(url, connections, (db) => live(db, url, source, last, options.say))
  await drop()
  const seen = days.filter(({ day }) => day === 1 || day % 10 === 0 || day === last)
  const end = seen.at(-1)
  const row = (name: Shown) => [
    name,
    ...seen.map(({ sizes }) => megabytes(sizes[name])),
    megabytes(rewritten[name]),
    String(round((end?.sizes[name] ?? Number.NaN) / rewritten[name])),
  ]
  return {
    title: `Megabytes on disk of ${source.posts.toLocaleString('en-US')} posts, ${syncsADay} syncs a day, without the answers`,
    columns: ['table', ...seen.map(({ day }) => `day ${day}`), 'after vacuum full', 'times'],
    rows: [...shown.map(row), row('rest')],
    notes: [`Posts a second of these days: ${seen.map((one) => Math.round(one.postsPerSecond)).join(', ')}.`],
    json: Object.fromEntries(
      [...shown, 'rest' as const].map((name) => [
        name,
        round((end?.sizes[name] ?? Number.NaN) / rewritten[name]),
      ]),
    ),
  }
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1)

async function live(db: Db, url: string, source: BenchPages, last: number, say: SuiteOptions['say']) {
  await db.rows(sql`create table local_cloud (id int primary key default 1, skip interval)`)
  await db.rows(sql`insert into local_cloud default values`)
  const clock = await openWorldClock(db, undefined)
  const start = clock.now().getTime()
  const days: Day[] = []
  for (let day = 1; day <= last; day += 1) {
    if (day % 10 === 0) say(`days: ${day} of ${last}`)
    await makePartitions(db)
    let secondsOfDay = 0
    for (let sync = 0; sync < syncsADay; sync += 1) {
      await clock.jumpTo(new Date(start + (day - 1 + sync / syncsADay) * dayMs))
      const accounts = source.edited((day - 1) * syncsADay + sync)
      const tasks = await prepare(db, accounts)
      secondsOfDay += await seconds(() => runPipeline(db, accounts, tasks))
      await completeJobs(db, clock)
      await vacuumDue(url)
    }
    await sweep({ db, bodies: inPostgres, log }, unstopped)
    await vacuumDue(url)
    days.push({ day, sizes: await sizesOf(db), postsPerSecond: (source.posts * syncsADay) / secondsOfDay })
  }
  const findings = await verify(db)
  if (findings.length > 0) throw new Error(`the days left violations: ${JSON.stringify(findings)}`)
  await statement(url, 'vacuum full')
  return { days, rewritten: await sizesOf(db) }
}

const log = openLogger({ level: 'error' })
const unstopped = new AbortController().signal
const provider = doneWhenAskedTwice()

async function completeJobs(db: Db, clock: WorldClock): Promise<void> {
  const random = () => 0
  await runSubmit({ db, random, ...sendingTo(provider) }, unstopped)
  for (let round = 0; round < 2; round += 1) {
    await clock.jumpTo(new Date(clock.now().getTime() + 300_000))
    await runPoll({ db, log, random, ...asking(provider), askMs: 1_000 }, unstopped)
  }
}

/** Vacuums what the server would by the settings of each table, as it looks every minute. */
async function vacuumDue(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ name: string }>(`
    select s.relid::regclass::text as name from pg_stat_user_tables s join pg_class c on c.oid = s.relid
    cross join lateral (
      select coalesce(max(option_value) filter (where option_name = 'autovacuum_vacuum_threshold'), '50')::float8 as threshold,
        coalesce(max(option_value) filter (where option_name = 'autovacuum_vacuum_scale_factor'), '0.2')::float8 as factor
      from pg_options_to_table(c.reloptions)) o
    where s.n_dead_tup > o.threshold + o.factor * greatest(c.reltuples, 0)
      or s.n_ins_since_vacuum > 1000 + 0.2 * greatest(c.reltuples, 0)`)
  for (const { name } of rows) await client.query(`vacuum (analyze) ${name}`)
  await client.end()
}

async function sizesOf(db: Db): Promise<Sizes> {
  const rows = await db.rows<{ name: Shown; bytes: number }>(sql`
    select case when name = any(${[...shown]}::text[]) then name else 'rest' end as name, sum(bytes)::float8 as bytes from (
      select coalesce(i.inhparent::regclass::text, c.relname) as name, pg_total_relation_size(c.oid) as bytes
      from pg_class c left join pg_inherits i on i.inhrelid = c.oid
      where c.relkind = 'r' and c.relnamespace = current_schema::regnamespace) t
    where name <> 'raw_bodies' group by 1`)
  return Object.fromEntries(rows.map(({ name, bytes }) => [name, bytes])) as Sizes
}
