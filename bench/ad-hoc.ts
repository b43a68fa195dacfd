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
import { channels } from '../local/world/channels.ts'
import { generatedWorld } from '../local/world/generated.ts'
import { type World, worldOf } from '../local/world/world.ts'
import { openWorldClock } from '../local/world-clock.ts'
import { median, round } from './measure.ts'
import { type BenchServer, withDb } from './server.ts'
import type { Report, SuiteOptions } from './suite.ts'

const apiKey = 'k'.repeat(32)
const budgetS = 6
const behindBudgetS = 10
const platformMs = 150

/**
 * How long after a POST the account's posts are rows: over HTTP through the sync function, a ring, extract, a ring,
 * transform, at real speed and without a timer. What the cloud adds is its own: the trigger's cutoff of a second at each
 * of the two rings, and the platform's answers. With `behind`, the same while extract walks 40 large channels for the
 * first time, every answer of the platform taking 150 ms.
 */
export async function adHocSuite(server: BenchServer, options: SuiteOptions): Promise<Report> {
  options.say(options.behind ? 'ad-hoc behind first walks' : 'ad-hoc')
  const { url, drop } = await server.database('bench_ad_hoc')
  const figures = await withDb(url, 2, (db) =>
    options.behind ? measureBehind(db, url, options.quick) : measure(db, url, options.quick ? 3 : 24),
  )
  await drop()
  const cutoffS = 2
  const goalS = options.behind ? behindBudgetS : budgetS
  return {
    title: options.behind
      ? `From POST /v1/syncs to rows, behind first walks of large channels, answers after ${platformMs} ms`
      : 'From POST /v1/syncs to rows, warm, an account of the generated world each time',
    columns: ['syncs', 'half within', 'all within', `with two cutoffs of a second (goal: ${goalS} s)`],
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
  const rig = await openRig(db, url, (start, now) => generatedWorld('ad-hoc', start, now))
  try {
    const accounts = rig.world.accounts('youtube')
    // The first warms every function up.
    const figures = []
    for (const handle of accounts.slice(0, syncs + 1)) figures.push(await syncOnce(db, rig.url, handle))
    return figures.slice(1)
  } finally {
    await rig.close()
  }
}

/** Small channels asked for one after another, while one extract function has large ones in hand. */
async function measureBehind(db: Db, url: string, quick: boolean): Promise<number[]> {
  const large = quick ? 6 : 40
  const asked = quick ? 1 : 8
  const counts = [
    ...Array.from({ length: large }, () => (quick ? 300 : 1_000)),
    ...Array.from({ length: asked }, () => 20),
  ]
  const rig = await openRig(db, url, (_start, now) => worldOf('ad-hoc', channels(counts), now))
  try {
    const accounts = rig.world.accounts('youtube')
    await db.rows(sql`update accounts set next_sync_at = app_now()
      where native_id = any(${accounts.slice(0, large)}::text[])`)
    rig.youtube.plan({ path: '*', times: Number.POSITIVE_INFINITY, delayMs: platformMs })
    const walked = rig.cloud.triggers.tick('extract-youtube')
    await after(quick ? 1_000 : 5_000)
    const figures = []
    for (const handle of accounts.slice(large)) figures.push(await syncOnce(db, rig.url, handle))
    const [load] = await db.rows<{ under_way: number }>(sql`
      select count(*) filter (where walk_ended_at is null)::int as under_way from sync_tasks where lane = 'schedule' or lane = 'backfill'`)
    if (!load?.under_way) throw new Error('the load came to its end before the syncs did')
    rig.youtube.clearFaults()
    await walked
    return figures
  } finally {
    await rig.close()
  }
}

/** The product on this machine over a world of YouTube whose channels are all followed. */
async function openRig(db: Db, url: string, worldAt: (start: Date, now: () => Date) => World) {
  await db.rows(sql`create table local_cloud (id int primary key default 1, skip interval)`)
  await db.rows(sql`insert into local_cloud default values`)
  const clock = await openWorldClock(db, undefined)
  const world = worldAt(clock.now(), () => clock.now())
  const simulators = await openSimulators(world, clock)
  const credentialsKey = randomBytes(32).toString('base64')
  await followWorld(db, world, ['youtube'], simulators, credentialsKey)
  await db.rows(sql`update accounts set next_sync_at = app_now() + interval '1 day'`)
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-bench-'))
  const { ML_URL: _noMl, ML_PROVIDERS: _none, ...env } = simulatorEnv(simulators)
  const cloud = await openCloud({
    ...{ db, clock, folder, databaseUrl: url, apiKey, credentialsKey, env },
    onFailure: (name, error) => {
      throw new Error(`${name} failed`, { cause: error })
    },
  })
  const gateway = await openGateway(0, (event) => cloud.triggers.call('sync', event))
  const close = async () => {
    await gateway.close()
    await cloud.close()
    await simulators.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { world, cloud, url: gateway.url, youtube: simulators.youtube, close }
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
