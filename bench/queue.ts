import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { openWorldClock, type WorldClock } from '../local/world-clock.ts'
import { median, round } from './measure.ts'
import { completeAll, keepPages, leaseLeft, pagesOfWork, statements, throughput, work } from './ours.ts'
import { prepare } from './pipeline.ts'
import { openRedis } from './redis.ts'
import { type BenchServer, withDb } from './server.ts'
import type { Report, SuiteOptions } from './suite.ts'

const peers = join(import.meta.dirname, 'peers')
const names = {
  graphile: 'graphile-worker, batched',
  pgboss: 'pg-boss, batches of 50',
  bullmq: 'BullMQ',
} as const
const notes = [
  'ms: our steps are called one after another, so wake-ups and ML waiting are excluded; libraries wake their own workers.',
  'recovery: from kill -9 of a process that holds jobs to the last job complete, a new process started at once.',
  'ours: what a dead process held is given out after 120 s; the clock skips that waiting here, and it is counted.',
  'graphile-worker: gets the names of dead workers at start; by itself it waits 4 hours.',
  'pg-boss: expiry 5 s, looked for every second (by default 15 minutes). BullMQ: locks of 5 s, every second (30 s and 30 s).',
  'ours: the table of jobs is analyzed before they are claimed, as the server does by itself within a minute.',
  'jobs a second: jobs that do nothing, acknowledged, batched as far as a library can; ours also store a result each.',
]

interface Figure {
  readonly ms: number
  readonly statements: number
  readonly recovery_s: number
  readonly jobs_per_second: number
}

/** The same work with the ledger and with other queues over PostgreSQL in its place, in one run. */
export async function queueSuite(server: BenchServer, options: SuiteOptions): Promise<Report> {
  const figures = new Map<string, Figure[]>([['ours', []]])
  const installed = existsSync(join(peers, 'node_modules'))
  const libraries = installed ? (Object.keys(names) as (keyof typeof names)[]) : []
  for (const library of libraries) figures.set(names[library], [])
  const jobs = options.quick ? 2_000 : 50_000
  const redis = await openRedis()
  for (let repeat = 0; repeat < options.repeats; repeat += 1) {
    options.say(`queue, run ${repeat + 1} of ${options.repeats}`)
    figures.get('ours')?.push(await measureOurs(server, jobs))
    for (const library of libraries)
      figures.get(names[library])?.push(await measurePeer(server, library, jobs, redis.env))
  }
  redis.close()
  const rows = [...figures].map(([name, all]) => ({ name, ...middle(all) }))
  return {
    title: `${work.pages} pages of 50 rows fetched and upserted, ${work.jobs} ML jobs submitted, asked about twice, completed`,
    columns: ['queue', 'ms', 'statements', 'recovery s', 'jobs a second'],
    rows: rows.map((one) => [
      one.name,
      one.ms.toFixed(0),
      String(one.statements),
      one.recovery_s.toFixed(1),
      Math.round(one.jobs_per_second).toLocaleString('en-US'),
    ]),
    notes: installed
      ? [...notes, redis.note]
      : [...notes, 'the other queues are not installed: npm ci --prefix bench/peers'],
    json: Object.fromEntries(rows.map(({ name, ...figure }) => [name, figure])),
  }
}

/** How many times as many ML jobs are claimed and done a second as by graphile-worker, batched. null: it is not installed. */
export async function jobsOverGraphile(server: BenchServer, options: SuiteOptions): Promise<number | null> {
  if (!existsSync(join(peers, 'node_modules'))) return null
  const jobs = options.quick ? 2_000 : 50_000
  const ratios: number[] = []
  for (let repeat = 0; repeat < options.repeats; repeat += 1) {
    const mine = await onDatabase(server, (db) => throughput(db, jobs))
    const theirs = await onPeerDatabase(server, (url) =>
      runPeer(process.env, 'graphile', 'throughput', url, String(jobs)),
    )
    ratios.push(mine / theirs.jobsPerSecond)
  }
  return round(median(ratios))
}

const middle = (all: readonly Figure[]): Figure => ({
  ms: round(median(all.map((one) => one.ms)), 0),
  statements: median(all.map((one) => one.statements)),
  recovery_s: round(median(all.map((one) => one.recovery_s)), 1),
  jobs_per_second: round(median(all.map((one) => one.jobs_per_second)), 0),
})

async function measureOurs(server: BenchServer, jobs: number): Promise<Figure> {
  const accounts = await pagesOfWork()
  const scenario = await onDatabase(server, async (db, clock) => {
    const tasks = await prepare(db, accounts)
    statements.count = 0
    const since = performance.now()
    await keepPages(db, accounts, tasks)
    await completeAll(db, clock)
    const ms = performance.now() - since
    await allComplete(db)
    return { ms, statements: statements.count }
  })
  const recovery_s = await onDatabase(server, async (db, clock, url) => {
    const victim = spawn(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'victim.ts'),
      url,
    ])
    await once(victim.stdout, 'data')
    victim.kill('SIGKILL')
    await once(victim, 'exit')
    const waiting = await leaseLeft(db)
    await clock.jumpTo(new Date(clock.now().getTime() + waiting * 1000 + 1))
    const since = performance.now()
    await completeAll(db, clock)
    await allComplete(db)
    return waiting + (performance.now() - since) / 1000
  })
  const jobs_per_second = await onDatabase(server, (db) => throughput(db, jobs))
  return { ...scenario, recovery_s, jobs_per_second }
}

async function onDatabase<T>(
  server: BenchServer,
  use: (db: Db, clock: WorldClock, url: string) => Promise<T>,
): Promise<T> {
  const { url, drop } = await server.database('bench_queue')
  const result = await withDb(url, 8, async (db) => {
    await db.rows(sql`create table local_cloud (id int primary key default 1, skip interval)`)
    await db.rows(sql`insert into local_cloud default values`)
    return use(db, await openWorldClock(db, undefined), url)
  })
  await drop()
  return result
}

/** Throws unless all of the work was done. */
async function allComplete(db: Db): Promise<void> {
  const [row] = await db.rows<{ posts: number; jobs: number; open: number }>(sql`
    select (select count(*)::int from posts) as posts, (select count(*)::int from ml_jobs where status = 'done') as jobs,
      (select count(*)::int from sync_tasks where finished_at is null) as open`)
  if (row?.posts !== work.pages * 50 || row.jobs !== work.jobs || row.open !== 0)
    throw new Error(`the work was not done: ${JSON.stringify(row)}`)
}

interface Measured {
  readonly ms: number
  readonly statements: number
  readonly jobsPerSecond: number
}

/** Runs the program of the other queues, which prints its figures as the last line. */
function runPeer(
  env: NodeJS.ProcessEnv,
  library: string,
  what: string,
  url: string,
  ...rest: string[]
): Measured {
  const output = execFileSync(process.execPath, [join(peers, 'run.mjs'), library, what, url, ...rest], {
    encoding: 'utf8',
    timeout: 120_000,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return JSON.parse(output.trim().split('\n').at(-1) ?? '')
}

async function onPeerDatabase<T>(server: BenchServer, use: (url: string) => Promise<T> | T): Promise<T> {
  const { url, drop } = await server.database('bench_peer')
  const result = await use(url)
  await drop()
  return result
}

async function measurePeer(
  server: BenchServer,
  library: string,
  jobs: number,
  redis: Readonly<Record<string, string>>,
): Promise<Figure> {
  const env = { ...process.env, ...redis }
  const { ms, statements: made } = await onPeerDatabase(server, (url) =>
    runPeer(env, library, 'scenario', url),
  )
  const recovery_s = await onPeerDatabase(server, async (url) => {
    const victim = spawn(process.execPath, [join(peers, 'run.mjs'), library, 'victim', url], { env })
    await once(victim.stdout, 'data')
    victim.kill('SIGKILL')
    await once(victim, 'exit')
    return runPeer(env, library, 'recover', url).ms / 1000
  })
  const { jobsPerSecond } = await onPeerDatabase(server, (url) =>
    runPeer(env, library, 'throughput', url, String(jobs)),
  )
  return { ms, statements: made, recovery_s, jobs_per_second: jobsPerSecond }
}
