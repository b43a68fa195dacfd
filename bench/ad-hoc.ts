import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { openCloud, openSimulators, simulatorEnv } from '../local/cloud.ts'
import { followWorld } from '../local/follow.ts'
import { openGateway } from '../local/gateway.ts'
import { generatedWorld } from '../local/world/generated.ts'
import { openWorldClock } from '../local/world-clock.ts'
import { median, round } from './measure.ts'
import { type BenchServer, withDb } from './server.ts'
import type { Report, SuiteOptions } from './suite.ts'

const apiKey = 'k'.repeat(32)
const budgetS = 6

/**
 * How long after a POST the account's posts are rows: over HTTP through the sync function, a ring, extract, a ring,
 * transform, at real speed and without a timer. What the cloud adds is its own: the trigger's cutoff of a second at each
 * of the two rings, and the platform's answers.
 */
export async function adHocSuite(server: BenchServer, options: SuiteOptions): Promise<Report> {
  options.say('ad-hoc')
  const { url, drop } = await server.database('bench_ad_hoc')
  const figures = await withDb(url, 2, (db) => measure(db, url, options.quick ? 3 : 24))
  await drop()
  const cutoffS = 2
  return {
    title: 'From POST /v1/syncs to rows, warm, an account of the generated world each time',
    columns: ['syncs', 'half within', 'all within', `with two cutoffs of a second (goal: ${budgetS} s)`],
    rows: [
      [
        String(figures.length),
        `${median(figures).toFixed(2)} s`,
        `${Math.max(...figures).toFixed(2)} s`,
        `${(Math.max(...figures) + cutoffS).toFixed(2)} s`,
      ],
    ],
    json: { median_s: round(median(figures)), most_s: round(Math.max(...figures)) },
  }
}

async function measure(db: Db, url: string, syncs: number): Promise<number[]> {
  await db.rows(sql`create table local_cloud (id int primary key default 1, skip interval)`)
  await db.rows(sql`insert into local_cloud default values`)
  const clock = await openWorldClock(db, undefined)
  const start = clock.now()
  const world = generatedWorld('ad-hoc', start, () => clock.now())
  const simulators = await openSimulators(world, clock)
  const credentialsKey = randomBytes(32).toString('base64')
  await followWorld(db, world, ['youtube'], simulators, credentialsKey)
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-bench-'))
  const { ML_URL: _noMl, ...env } = simulatorEnv(simulators)
  const cloud = await openCloud({
    ...{ db, clock, folder, databaseUrl: url, apiKey, credentialsKey, env },
    onFailure: (name, error) => {
      throw new Error(`${name} failed`, { cause: error })
    },
  })
  const gateway = await openGateway(0, (event) => cloud.triggers.call('sync', event))
  try {
    const accounts = world.accounts('youtube')
    // The first warms every function up.
    const figures = []
    for (const handle of accounts.slice(0, syncs + 1)) figures.push(await syncOnce(db, gateway.url, handle))
    return figures.slice(1)
  } finally {
    await gateway.close()
    await cloud.close()
    await simulators.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Of ten milliseconds each. */
const mostLooks = 6_000

/** Seconds from the request to the last row of its account. */
async function syncOnce(db: Db, url: string, handle: string): Promise<number> {
  const since = performance.now()
  const answer = await fetch(`${url}/v1/syncs`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ platform: 'youtube', handle, mode: 'full' }),
  })
  if (answer.status !== 202) throw new Error(`the request was answered ${answer.status}`)
  const { id } = (await answer.json()) as { id: string }
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const [task] = await db.rows<{ status: string }>(sql`
      select t.status from sync_job_tasks jt join sync_tasks t on t.id = jt.sync_task_id where jt.sync_job_id = ${id}`)
    if (task?.status === 'done') return (performance.now() - since) / 1_000
    if (task && ['failed', 'cancelled', 'waiting'].includes(task.status))
      throw new Error(`a sync became ${task.status}`)
    await after(10)
  }
  throw new Error('a sync came to no end')
}
