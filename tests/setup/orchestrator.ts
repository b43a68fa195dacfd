import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { DriverName } from '../../local/drivers/open.ts'
import { findProgram, type LocalServer, startRedis, startTemporal } from '../../local/drivers/servers.ts'
import { project } from './start.ts'

const programs = {
  functions: undefined,
  flow: 'redis-server',
  temporal: 'temporal',
} as const satisfies Record<DriverName, string | undefined>

/** Whether the server of this driver is on this machine; a test that is skipped for want of it says so. */
export function canDrive(name: DriverName): boolean {
  const program = programs[name]
  const isThere = program === undefined || findProgram(program) !== undefined
  if (!isThere) console.warn(`${program} is not on the path: the tests of the driver ${name} are skipped`)
  return isThere
}

export interface OrchestratorServer {
  /** What leads a driver to it. */
  readonly driver: { readonly name: DriverName; readonly env: Readonly<Record<string, string>> }
  /** Ends it at once with all that it knows, and starts it again without any of that; the work is done in between. */
  lose(whileAway?: () => Promise<void>): Promise<void>
}

/** A worker of a driver, or the API, as a process of its own. */
export function spawnProcess(of: 'flow' | 'temporal' | 'http', env: Readonly<Record<string, string>>) {
  const main = ['--disable-warning=ExperimentalWarning', join(project, `drivers/${of}/main.ts`)]
  const child = spawn(process.execPath, main, { env: { ...process.env, ...env } })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return ended
  }
  return {
    output: () => output,
    /** Ends it without a chance to give anything back. */
    kill: () => end('SIGKILL'),
    /** Asks it to end. Resolves to its exit code. */
    stop: () => end('SIGTERM'),
    ended,
  }
}

/** The server of a driver for one test, which holds everything in memory. Functions have none: their queues live in their cloud. */
export async function openOrchestrator(name: DriverName): Promise<OrchestratorServer> {
  if (name === 'functions') return { driver: { name, env: {} }, lose: async (whileAway) => whileAway?.() }
  const start = name === 'flow' ? startRedis : startTemporal
  let server: LocalServer = await start()
  onTestFinished(() => server.kill())
  const { address } = server
  return {
    driver: {
      name,
      env: name === 'flow' ? { REDIS_URL: `redis://${address}` } : { TEMPORAL_ADDRESS: address },
    },
    lose: async (whileAway) => {
      await server.kill()
      await whileAway?.()
      server = await start(Number(address.split(':')[1]))
    },
  }
}
