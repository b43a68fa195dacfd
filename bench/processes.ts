import { type ChildProcess, execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'

/** What a load took. */
export interface Load {
  readonly seconds: number
  /** CPU seconds of the loading processes, and of the server. */
  readonly cpu: number
  readonly serverCpu: number
  /** Of the largest process. */
  readonly peakMb: number
  readonly walMb: number
}

/** What a process says of itself. */
export interface Usage {
  readonly seconds?: number
  readonly cpu: number
  readonly peakMb: number
}

/** Measures what the server spends while processes load. */
export async function measured(
  url: string,
  load: () => Promise<{ readonly seconds: number; readonly usages: readonly Usage[] }>,
): Promise<Load> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const at = async () => {
    const { rows } = await client.query<{ wal: string; pid: number }>(
      `select pg_current_wal_lsn() - '0/0' as wal, pg_backend_pid() as pid`,
    )
    return { wal: Number(rows[0]?.wal), cpu: serverCpu(rows[0]?.pid ?? 0) }
  }
  const before = await at()
  const { seconds, usages } = await load()
  const after = await at()
  await client.end()
  return {
    seconds,
    cpu: usages.reduce((sum, { cpu }) => sum + cpu, 0),
    serverCpu: after.cpu - before.cpu,
    peakMb: Math.max(...usages.map(({ peakMb }) => peakMb)),
    walMb: (after.wal - before.wal) / 1e6,
  }
}

/** CPU seconds of the server that a backend belongs to, as far as its processes are of this machine. */
function serverCpu(backend: number): number {
  const server = statOf(backend)?.parent
  if (server === undefined) return Number.NaN
  const own = statOf(server)
  const living = readdirSync('/proc').flatMap((pid) => {
    const stat = /^\d+$/.test(pid) ? statOf(Number(pid)) : undefined
    return stat?.parent === server ? [stat.used] : []
  })
  return (own?.used ?? 0) + (own?.ofEnded ?? 0) + living.reduce((sum, used) => sum + used, 0)
}

const ticks = 100

/** As Linux counts it; nothing elsewhere. */
export function statOf(pid: number) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    const cpu = (place: number) => Number(fields[place]) / ticks
    return { parent: Number(fields[1]), used: cpu(11) + cpu(12), ofEnded: cpu(13) + cpu(14) }
  } catch {
    return undefined
  }
}

/** Processes of a program of ours that are ready before the time begins. `program` prints nothing and speaks by messages. */
export async function runTogether(
  program: string,
  roles: readonly (readonly string[])[],
): Promise<{ seconds: number; usages: Usage[] }> {
  const children = roles.map((args) => fork(join(import.meta.dirname, program), args))
  await Promise.all(children.map((child) => message(child)))
  const since = performance.now()
  const ended = children.map((child) => message(child))
  for (const child of children) child.send('go')
  // What is kept last is read last.
  await ended[0]
  for (const child of children.slice(1)) child.send('all is kept')
  const usages = (await Promise.all(ended)) as Usage[]
  const seconds = (performance.now() - since) / 1000
  for (const child of children) child.kill()
  return { seconds, usages }
}

async function message(child: ChildProcess): Promise<unknown> {
  const [said] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`a process ended with ${code}`)
    }),
  ])
  return said
}

export const usage = (): Usage => {
  const { user, system } = process.cpuUsage()
  return { cpu: (user + system) / 1e6, peakMb: process.resourceUsage().maxRSS / 1024 }
}

/** Another program, which prints its usage as the last line. */
export async function runOther(program: string, args: readonly string[]) {
  const { stdout } = await promisify(execFile)(program, args, { maxBuffer: 1e8 })
  const said = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Required<Usage>
  return { seconds: said.seconds, usages: [said] }
}
