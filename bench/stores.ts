import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openYdbBodies } from '#shared/cloud/ydb.ts'
import { type BodyStore, inPostgres, outside } from '#shared/db/body-store.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { median, round, seconds } from './measure.ts'
import { type BenchPages, readPages } from './pages.ts'
import { connections, prepare, runPipeline } from './pipeline.ts'
import { type BenchServer, withDb } from './server.ts'
import type { Report, SuiteOptions } from './suite.ts'

/** YDB in serverless mode, in roubles: a gigabyte a month, and a million request units (Yandex Cloud, prices of 2026). */
const roubles = { gb: 13.41, millionUnits: 13.36 }
const gigabyte = 1_000_000_000
const kilobyte = 1_024

const runs = ['first_load', 'unchanged', 'changed'] as const
type Seconds = Record<(typeof runs)[number], number>

interface Measured {
  readonly seconds: Seconds
  /** Bytes of the database, of its bodies among them, and of bodies in YDB. */
  readonly bytes: { readonly all: number; readonly bodies: number; readonly far: number }
  /** Request units that bodies cost: put, read once by transform. */
  readonly units: number
}

/** The same pages with raw answers in PostgreSQL and in YDB, in turns. */
export async function storesSuite(server: BenchServer, options: SuiteOptions): Promise<Report> {
  const source = await readPages(options.quick ? 5_000 : 50_000, options.dataset)
  const found = { postgres: [] as Measured[], ydb: [] as Measured[] }
  for (let repeat = 0; repeat < options.repeats; repeat += 1) {
    options.say(`stores, run ${repeat + 1} of ${options.repeats}`)
    found.postgres.push(await runOnce(server, source, inPostgres, () => ({ far: 0, units: 0 })))
    found.ydb.push(await withYdb((store, standing) => runOnce(server, source, store, standing)))
  }
  return report(source, found)
}

function report(source: BenchPages, found: Record<'postgres' | 'ydb', readonly Measured[]>): Report {
  const perMillion = 1_000_000 / source.posts
  const timeOf = (store: keyof typeof found, run: keyof Seconds) =>
    median(found[store].map(({ seconds: taken }) => taken[run]))
  const bytesOf = (store: keyof typeof found, part: keyof Measured['bytes']) =>
    median(found[store].map(({ bytes }) => bytes[part])) * perMillion
  const units = median(found.ydb.map((one) => one.units)) * perMillion
  const gb = (bytes: number) => (bytes / gigabyte).toFixed(2)
  const stored = (bytesOf('ydb', 'far') / gigabyte) * roubles.gb
  const asked = (units / 1e6) * roubles.millionUnits
  const spared = (bytesOf('postgres', 'all') - bytesOf('ydb', 'all')) / gigabyte
  const evenAt = (months: number) => (stored + asked / months) / spared
  const ratios = Object.fromEntries(
    runs.map((run) => [run, round(timeOf('postgres', run) / timeOf('ydb', run))]),
  )
  return {
    title: `Raw answers in PostgreSQL and in YDB: ${source.name}, ${source.posts.toLocaleString('en-US')} posts read three times, ${connections} connections`,
    columns: ['of a million posts', 'in PostgreSQL', 'in YDB'],
    rows: [
      ['PostgreSQL, GB', gb(bytesOf('postgres', 'all')), gb(bytesOf('ydb', 'all'))],
      ['  raw answers in it, GB', gb(bytesOf('postgres', 'bodies')), gb(bytesOf('ydb', 'bodies'))],
      ['YDB, GB', '0', gb(bytesOf('ydb', 'far'))],
      ['YDB, roubles a month for storage', '0', stored.toFixed(2)],
      ['YDB, roubles once for requests', '0', asked.toFixed(2)],
      ...runs.map((run) => [
        `${run}, s for ${source.posts.toLocaleString('en-US')} posts`,
        timeOf('postgres', run).toFixed(2),
        timeOf('ydb', run).toFixed(2),
      ]),
    ],
    notes: [
      'YDB is the simulated one, in a process of its own on this machine: its times are those of the way to it.',
      `YDB costs less where a gigabyte of PostgreSQL's disk is above ${evenAt(1).toFixed(1)} roubles a month for answers kept a month, ${evenAt(12).toFixed(1)} for a year.`,
    ],
    json: { ...ratios, spared_gb: round(spared), even_at_roubles: round(evenAt(12)) },
  }
}

type Standing = () => Pick<Measured['bytes'], 'far'> & { readonly units: number }

async function runOnce(
  server: BenchServer,
  source: BenchPages,
  store: BodyStore,
  standing: Standing,
): Promise<Measured> {
  const database = await server.database('bench_stores')
  const pages = { same: source.pages(false), changed: source.pages(true) }
  try {
    return await withDb(database.url, connections, async (db) => {
      const taken: Partial<Seconds> = {}
      for (const run of runs) {
        const accounts = run === 'changed' ? pages.changed : pages.same
        const tasks = await prepare(db, accounts)
        taken[run] = await seconds(() => runPipeline(db, accounts, tasks, store))
      }
      const findings = await verify(db)
      if (findings.length > 0) throw new Error(`the run left violations: ${JSON.stringify(findings)}`)
      const [size] = await db.rows<{ all: number; bodies: number }>(sql`
        select pg_database_size(current_database())::float8 as all,
          (select sum(pg_total_relation_size(inhrelid))::float8 from pg_inherits where inhparent = 'raw_bodies'::regclass) as bodies`)
      const { far, units } = standing()
      return {
        seconds: taken as Seconds,
        bytes: { all: size?.all ?? 0, bodies: size?.bodies ?? 0, far },
        units,
      }
    })
  } finally {
    await database.drop()
  }
}

async function withYdb<T>(work: (store: BodyStore, standing: Standing) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-bench-ydb-'))
  const file = join(folder, 'ydb.sqlite')
  const main = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'ydb-process.ts'), file]
  const child = spawn(process.execPath, main, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data')
  const far = openYdbBodies({ url: String(line).trim() })
  try {
    return await work(outside(far, { puts: true }), () => standingIn(file))
  } finally {
    await far.close()
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Half a unit each kilobyte put in bulk, one each four kilobytes read (YDB, request units). */
function standingIn(file: string): ReturnType<Standing> {
  const db = new DatabaseSync(file, { readOnly: true })
  const sizes = db.prepare(`select length(body) as bytes from cells where tab = 'raw_bodies'`).all()
  db.close()
  const lengths = sizes.map(({ bytes }) => Number(bytes))
  const units = (bytes: number) => Math.ceil(bytes / kilobyte) / 2 + Math.ceil(bytes / (4 * kilobyte))
  return {
    far: lengths.reduce((sum, bytes) => sum + bytes, 0),
    units: lengths.reduce((sum, bytes) => sum + units(bytes), 0),
  }
}
