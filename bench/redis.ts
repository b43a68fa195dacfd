import { execFileSync, spawn } from 'node:child_process'
import { setTimeout as after } from 'node:timers/promises'
import { freePort } from '../local/free-port.ts'

/** A Redis for BullMQ where the machine has one: the settings of its processes, and a word for the table. */
export async function openRedis(): Promise<{
  readonly env: Readonly<Record<string, string>>
  readonly note: string
  close(): void
}> {
  const version = versionOf()
  if (!version) {
    return {
      env: {},
      note: 'BullMQ: on its PostgreSQL back end, this machine has no redis-server.',
      close: () => undefined,
    }
  }
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const server = spawn('redis-server', args, { stdio: 'ignore' })
  await after(300)
  const note = `BullMQ: on Redis ${version} without persistence; its commands to Redis are not among the statements.`
  return { env: { REDIS_URL: `redis://127.0.0.1:${port}` }, note, close: () => void server.kill() }
}

function versionOf(): string | undefined {
  try {
    return /v=([\d.]+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1]
  } catch {
    return undefined
  }
}
