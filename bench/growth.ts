import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Db, Queryable, Transaction } from '#shared/db/pool.ts'
import type { Sql } from '#shared/db/sql.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { openCloud, openSimulators, simulatorEnv } from '../local/cloud.ts'
import { followWorld } from '../local/follow.ts'
import { runOnce } from '../local/run.ts'
import { postLife } from '../local/world/life.ts'
import { idOf } from '../local/world/random.ts'
import { type Observation, worldOf } from '../local/world/world.ts'
import { videoResource } from '../local/world/youtube-resources.ts'
import { openWorldClock } from '../local/world-clock.ts'
import { round, seconds } from './measure.ts'
import { type BenchServer, withDb } from './server.ts'
import type { Report, SuiteOptions } from './suite.ts'

const postsPerAccount = 5

/** What one sync costs as accounts grow: the whole local cloud over the simulators, with few posts each and no ML. */
export async function growthSuite(server: BenchServer, options: SuiteOptions): Promise<Report> {
  const sizes = options.quick ? [10, 50] : [10, 100, 1_000, 10_000]
  const figures: (Figure & { accounts: number })[] = []
  for (const accounts of sizes) {
    options.say(`growth, ${accounts.toLocaleString('en-US')} accounts`)
    const { url, drop } = await server.database('bench_growth')
    figures.push({ accounts, ...(await withDb(url, 2, (db) => measure(db, url, accounts))) })
    await drop()
  }
  return {
    title: `One sync of every account, ${postsPerAccount} posts each, through all functions over the simulator`,
    columns: ['accounts', 'ms an account', 'statements an account', 'calls an account', 'ms an idle tick'],
    rows: figures.map((one) => [
      one.accounts.toLocaleString('en-US'),
      one.msPerAccount.toFixed(1),
      one.statementsPerAccount.toFixed(2),
      one.callsPerAccount.toFixed(2),
      one.idleTickMs.toFixed(1),
    ]),
    json: Object.fromEntries(figures.map(({ accounts, ...figure }) => [String(accounts), figure])),
  }
}

interface Figure {
  readonly msPerAccount: number
  readonly statementsPerAccount: number
  readonly callsPerAccount: number
  readonly idleTickMs: number
}

async function measure(db: Db, url: string, accounts: number): Promise<Figure> {
  await db.rows(sql`create table local_cloud (id int primary key default 1, skip interval)`)
  await db.rows(sql`insert into local_cloud default values`)
  const clock = await openWorldClock(db, undefined)
  const world = worldOf('growth', observations(accounts), () => null)
  const simulators = await openSimulators(world, clock, {
    youtube: { unitsPerDay: 1_000_000, callsPerMinute: 1_000_000 },
  })
  const credentialsKey = randomBytes(32).toString('base64')
  await followWorld(db, world, ['youtube'], simulators, credentialsKey)
  await db.rows(sql`analyze accounts`)
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-bench-'))
  let statements = 0
  const counted = (_name: string, ports: Ports): Ports => ({
    ...ports,
    db: countedDb(ports.db, () => {
      statements += 1
    }),
  })
  const { ML_URL: _noMl, ML_PROVIDERS: _none, ...env } = simulatorEnv(simulators)
  const cloud = await openCloud({
    db,
    clock,
    folder,
    databaseUrl: url,
    apiKey: 'k'.repeat(32),
    credentialsKey,
    change: counted,
    env: { ...env, LOG_LEVEL: 'error', YOUTUBE_UNITS_PER_DAY: '1000000', YOUTUBE_CALLS_PER_MINUTE: '100000' },
    onFailure: (name, error) => {
      throw new Error(`${name} failed`, { cause: error })
    },
  })
  const run = {
    db,
    cloud,
    clock,
    platforms: ['youtube' as const],
    signal: new AbortController().signal,
    onProgress: () => undefined,
  }
  const syncS = await seconds(() => runOnce(run))
  const calls = [...simulators.youtube.calls.values()].reduce((sum, count) => sum + count, 0)
  const perAccount = { statements: statements / accounts, calls: calls / accounts }
  const idle = await seconds(async () => {
    for (let tick = 0; tick < 20; tick += 1) await cloud.triggers.tick('extract-youtube')
  })
  const findings = await verify(db)
  if (findings.length > 0) throw new Error(`the run left violations: ${JSON.stringify(findings)}`)
  await cloud.close()
  await simulators.close()
  rmSync(folder, { recursive: true, force: true })
  return {
    msPerAccount: round((syncS * 1000) / accounts, 1),
    statementsPerAccount: round(perAccount.statements),
    callsPerAccount: round(perAccount.calls),
    idleTickMs: round((idle * 1000) / 20, 1),
  }
}

function countedDb(db: Db, onStatement: () => void): Db {
  const counted = (queryable: Queryable): Queryable => ({
    rows: (statement: Sql) => {
      onStatement()
      return queryable.rows(statement)
    },
  })
  const countedIn = (tx: Transaction): Transaction => ({
    ...counted(tx),
    copy: (rows) => {
      onStatement()
      return tx.copy(rows)
    },
  })
  return { ...db, ...counted(db), transaction: (work) => db.transaction((tx) => work(countedIn(tx))) }
}

function observations(accounts: number): Observation[] {
  const start = new Date('2026-11-01T00:00:00Z')
  return Array.from({ length: accounts }, (_, index) => index).flatMap((index): Observation[] => {
    const id = `UC${idOf(`growth ${index}`, 22)}`
    const posts = Array.from({ length: postsPerAccount }, (_unused, number): Observation => {
      const life = postLife('growth', id, number, start)
      const video = idOf(life.key, 11)
      const resource = videoResource(id, video, life, start.getTime())
      return { platform: 'youtube', kind: 'post', account: id, id: video, at: start.toISOString(), resource }
    })
    const resource = {
      id,
      snippet: { title: `Channel ${index}`, thumbnails: {} },
      contentDetails: { relatedPlaylists: { uploads: `UU${id.slice(2)}` } },
      statistics: { viewCount: '1', subscriberCount: '1', videoCount: String(postsPerAccount) },
    }
    return [
      { platform: 'youtube', kind: 'profile', account: id, id, at: start.toISOString(), resource },
      ...posts,
    ]
  })
}
