import { setTimeout as after } from 'node:timers/promises'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import type { DriverName } from '../local/drivers/open.ts'
import { findProgram } from '../local/drivers/servers.ts'
import { type DriverRig, openDriverRig, untilDone } from './driver-rig.ts'
import { median, round } from './measure.ts'
import { type BenchServer, withDb } from './server.ts'
import type { Report, SuiteOptions } from './suite.ts'

const postsPerAccount = 20
const programs = { functions: undefined, flow: 'redis-server', temporal: 'temporal' } as const

interface Figures {
  readonly posts_per_second: number
  readonly calls: number
  readonly cpu_s: number
  readonly server_cpu_s: number
  readonly peak_mb: number
  readonly server_mb: number
  readonly post_to_rows_s: number
  readonly recovery_s: number
}

/**
 * The same syncs by each driver, whose workers, API and server are processes of their own: how fast, by how many calls and at what
 * cost, how soon after a request the rows are there, and how long a kill of all workers holds syncs up. Then with more workers.
 */
export async function driversSuite(server: BenchServer, options: SuiteOptions): Promise<Report> {
  const accounts = options.quick ? 12 : 1_000
  const figures: Record<string, Figures> = {}
  const throughput: Record<string, number> = {}
  for (const name of ['functions', 'flow', 'temporal'] as const) {
    const program = programs[name]
    if (program && !findProgram(program)) {
      options.say(`drivers: ${name} is left out, ${program} is not on the path`)
      continue
    }
    options.say(`drivers: ${name}`)
    figures[name] = await over(server, name, accounts, 1, measureAll)
    for (const workers of name === 'functions' || options.quick ? [] : [2, 4]) {
      options.say(`drivers: ${name} with ${workers} workers`)
      throughput[`${name} x ${workers}`] = await over(server, name, accounts, workers, async (db, rig) =>
        round((await batch(db, rig)).postsPerSecond, 0),
      )
    }
  }
  return reportOf(accounts, figures, throughput)
}

/** A driver over a database of its own. */
async function over<T>(
  server: BenchServer,
  name: DriverName,
  accounts: number,
  workers: number,
  measure: (db: Db, rig: DriverRig) => Promise<T>,
): Promise<T> {
  const { url, drop } = await server.database('bench_drivers')
  const counts = Array.from({ length: accounts }, () => postsPerAccount)
  const result = await withDb(url, 2, async (db) => {
    const rig = await openDriverRig(db, url, name, counts, workers)
    try {
      // What is loaded by the first sync is not counted.
      await rig.ask(rig.handles.slice(0, 1))
      await untilDone(db, 1)
      const measured = await measure(db, rig)
      const broken = await verify(db)
      if (broken.length > 0) throw new Error(`invariants are violated: ${JSON.stringify(broken)}`)
      return measured
    } finally {
      await rig.close()
    }
  })
  await drop()
  return result
}

async function measureAll(db: Db, rig: DriverRig): Promise<Figures> {
  const all = await batch(db, rig)
  const single = []
  for (const handle of rig.handles.slice(1, 8)) {
    const since = performance.now()
    await rig.ask([handle])
    await untilDone(db, await tasksOf(db))
    single.push((performance.now() - since) / 1_000)
  }
  return {
    posts_per_second: round(all.postsPerSecond, 0),
    calls: all.calls,
    cpu_s: round(all.cpu, 1),
    server_cpu_s: round(all.serverCpu, 1),
    peak_mb: round(all.peakMb, 0),
    server_mb: round(all.serverMb, 0),
    post_to_rows_s: round(median(single)),
    recovery_s: round(await recovery(db, rig), 1),
  }
}

/** All accounts but the first at once. */
async function batch(db: Db, rig: DriverRig) {
  const handles = rig.handles.slice(1)
  const [callsBefore, before] = [rig.calls(), rig.spent()]
  const since = performance.now()
  await rig.ask(handles)
  await untilDone(db, rig.handles.length)
  const seconds = (performance.now() - since) / 1_000
  const { own, server } = rig.spent()
  return {
    postsPerSecond: (handles.length * postsPerAccount) / seconds,
    calls: rig.calls() - callsBefore,
    cpu: own.cpu - before.own.cpu,
    serverCpu: server.cpu - before.server.cpu,
    ...{ peakMb: own.peakMb, serverMb: server.peakMb },
  }
}

/** Seconds from a kill of all workers, in the middle of a hundred syncs, to the last row. */
async function recovery(db: Db, rig: DriverRig): Promise<number> {
  const before = await pagesOf(db)
  await rig.ask(rig.handles.slice(0, 100))
  const tasks = await tasksOf(db)
  while ((await pagesOf(db)) <= before) await after(2)
  const since = performance.now()
  await rig.replaceWorkers()
  await untilDone(db, tasks)
  return (performance.now() - since) / 1_000
}

const count = async (db: Db, of: ReturnType<typeof sql>) =>
  Number((await db.rows<{ count: string }>(of))[0]?.count ?? 0)
const tasksOf = (db: Db) => count(db, sql`select count(*) from sync_tasks`)
const pagesOf = (db: Db) => count(db, sql`select count(*) from raw_pages`)

function reportOf(
  accounts: number,
  figures: Record<string, Figures>,
  throughput: Record<string, number>,
): Report {
  const cells = (one: Figures) => [
    ...[one.posts_per_second, one.calls].map((figure) => figure.toLocaleString('en-US')),
    `${one.cpu_s} + ${one.server_cpu_s}`,
    `${one.peak_mb} + ${one.server_mb}`,
    `${one.post_to_rows_s} s`,
    `${one.recovery_s} s`,
  ]
  return {
    title: `${accounts.toLocaleString('en-US')} accounts of ${postsPerAccount} posts by each driver, one worker; CPU seconds and MB of our processes + of the server`,
    columns: ['driver', 'posts a second', 'calls', 'CPU s', 'peak MB', 'POST to rows', 'after a kill'],
    rows: Object.entries(figures).map(([name, one]) => [name, ...cells(one)]),
    notes: Object.entries(throughput).map(
      ([name, posts]) => `${name} workers: ${posts.toLocaleString('en-US')} posts a second`,
    ),
    json: { ...figures, throughput },
  }
}
