import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { openSimulators, simulatorEnv } from '../local/cloud.ts'
import type { DriverName } from '../local/drivers/open.ts'
import { type LocalServer, startRedis, startTemporal } from '../local/drivers/servers.ts'
import { followWorld } from '../local/follow.ts'
import { channels } from '../local/world/channels.ts'
import { worldOf } from '../local/world/world.ts'
import { openWorldClock } from '../local/world-clock.ts'
import { statOf } from './processes.ts'

const apiKey = 'k'.repeat(32)
const project = join(import.meta.dirname, '..')

/** What processes spent: CPU seconds, and the most memory of one of them. */
export interface Spent {
  readonly cpu: number
  readonly peakMb: number
}

/** The processes of a driver over a world of YouTube channels that nothing syncs by itself. */
export async function openDriverRig(
  db: Db,
  url: string,
  name: DriverName,
  counts: readonly number[],
  workers: number,
) {
  await db.rows(sql`create table local_cloud (id int primary key default 1, skip interval)`)
  await db.rows(sql`insert into local_cloud default values`)
  const clock = await openWorldClock(db, undefined)
  const world = worldOf('drivers', channels(counts), () => clock.now())
  const simulators = await openSimulators(world, clock)
  await followWorld(db, world, ['youtube'], simulators, Buffer.alloc(32).toString('base64'))
  await db.rows(sql`update accounts set next_sync_at = app_now() + interval '1 day'`)
  const { ML_URL: _noMl, ML_PROVIDERS: _none, ...simulated } = simulatorEnv(simulators)
  const server = await serverOf(name)
  const most = { YOUTUBE_UNITS_PER_DAY: '1000000', YOUTUBE_CALLS_PER_MINUTE: '1000000' }
  const env = { ...simulated, ...most, ...server.env, DATABASE_URL: url, API_KEY: apiKey, LOG_LEVEL: 'error' }
  const work = (): ChildProcess =>
    name === 'functions'
      ? begin('bench/functions-process.ts', [url], env)
      : begin(`drivers/${name}/main.ts`, [], env)
  const own: ChildProcess[] = Array.from({ length: workers }, work)
  const api =
    name === 'functions'
      ? undefined
      : begin('drivers/http/main.ts', [], {
          ...env,
          DRIVER: name,
          HOST: '127.0.0.1',
          PORT: '0',
          LOG_LEVEL: 'info',
        })
  let address = await addressOf(api ?? own[0])
  const processes = () => [...own, ...(api ? [api] : [])]
  return {
    handles: world.accounts('youtube'),
    calls: () => [...simulators.youtube.calls.values()].reduce((sum, count) => sum + count, 0),
    /** Asks for syncs, a hundred at a time. */
    ask: async (handles: readonly string[]) => {
      for (let from = 0; from < handles.length; from += 100) {
        const accounts = handles.slice(from, from + 100).map((handle) => ({ platform: 'youtube', handle }))
        const answer = await fetch(`${address}/v1/syncs`, {
          method: 'POST',
          headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
          body: JSON.stringify({ accounts, mode: 'full' }),
        })
        if (answer.status !== 202) throw new Error(`the request was answered ${answer.status}`)
      }
    },
    /** Of the workers and the API, and of the orchestrator's own server. */
    spent: () => ({
      own: sum(processes().map(spentBy)),
      server: sum(server.own ? server.pids().map(spentOf) : []),
    }),
    /** Kills all workers, and begins new ones. */
    replaceWorkers: async () => {
      for (const child of own) child.kill('SIGKILL')
      own.splice(0, own.length, ...Array.from({ length: workers }, work))
      if (!api) address = await addressOf(own[0])
    },
    close: async () => {
      for (const child of processes()) child.kill('SIGKILL')
      await server.own?.kill()
      await simulators.close()
    },
  }
}

export type DriverRig = Awaited<ReturnType<typeof openDriverRig>>

/** Waits until so many tasks are done. Returns when the first page was kept and when all were, in seconds. */
export async function untilDone(db: Db, tasks: number): Promise<number> {
  const since = performance.now()
  for (;;) {
    const [row] = await db.rows<{ done: number; other: number }>(sql`
      select count(*) filter (where status = 'done')::int as done,
        count(*) filter (where status in ('failed', 'cancelled'))::int as other from sync_tasks`)
    if (row && row.other > 0) throw new Error(`${row.other} syncs failed`)
    if (row && row.done >= tasks) return (performance.now() - since) / 1_000
    if (performance.now() - since > 600_000) throw new Error('the syncs came to no end')
    await after(20)
  }
}

function begin(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const flags = ['--disable-warning=ExperimentalWarning', join(project, program), ...args]
  return spawn(process.execPath, flags, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** The address that a process prints when it serves the API. */
async function addressOf(child: ChildProcess | undefined): Promise<string> {
  let output = ''
  child?.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
  for (let tries = 0; tries < 1_500; tries += 1) {
    const port = /"port":(\d+)/.exec(output)?.[1]
    if (port) return `http://127.0.0.1:${port}`
    await after(20)
  }
  throw new Error('the API does not come up')
}

async function serverOf(name: DriverName): Promise<{
  own?: LocalServer
  env: Readonly<Record<string, string>>
  pids: () => number[]
}> {
  if (name === 'functions') return { env: {}, pids: () => [] }
  const own = await (name === 'flow' ? startRedis() : startTemporal())
  const env = name === 'flow' ? { REDIS_URL: `redis://${own.address}` } : { TEMPORAL_ADDRESS: own.address }
  return { own, env, pids: () => [own.pid] }
}

const spentBy = ({ pid }: ChildProcess): Spent => spentOf(pid ?? 0)

function spentOf(pid: number): Spent {
  const stat = statOf(pid)
  if (!stat) return { cpu: 0, peakMb: 0 }
  const peakKb = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return { cpu: stat.used, peakMb: Number(peakKb ?? 0) / 1024 }
}

const sum = (all: readonly Spent[]): Spent => ({
  cpu: all.reduce((total, { cpu }) => total + cpu, 0),
  peakMb: Math.max(0, ...all.map(({ peakMb }) => peakMb)),
})
