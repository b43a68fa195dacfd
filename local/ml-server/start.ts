import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { jsonOf } from '#shared/model/json.ts'
import { freePort } from '../free-port.ts'
import { UserError } from '../user-error.ts'
import { serverFolder, setUpPython } from './setup.ts'

export interface MlServer {
  readonly url: string
  /** Jobs that it has not done yet. */
  waiting(): Promise<number>
  /** Ends with the server, with what it said last where it failed. */
  readonly ended: Promise<string>
  close(): Promise<void>
}

interface StartOptions {
  /** The file in which it keeps its jobs. */
  readonly data: string
  /** Absent: a free one. */
  readonly port?: number | undefined
  readonly say: (line: string) => void
}

const patienceMs = 60_000

/**
 * Starts ml-server on 127.0.0.1, where it needs no key and may fetch pictures of this machine, and waits until it answers. Sets
 * up its Python first. Throws a UserError in one line when it cannot.
 */
export async function startMlServer({ data, port: wanted, say }: StartOptions): Promise<MlServer> {
  const python = setUpPython(say)
  const port = wanted ?? (await freePort(0))
  const args = [join(serverFolder, 'server.py'), '--port', String(port), '--data', data, '--allow-private']
  const child = spawn(python, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = endOf(child, say)
  const url = `http://127.0.0.1:${port}`
  await Promise.race([
    untilUp(url),
    ended.then((said) => {
      throw new UserError(`ml-server did not start: ${said}`)
    }),
  ])
  const close = async () => {
    child.kill('SIGTERM')
    await ended
  }
  return { url, ended, close, waiting: async () => (await health(url))?.waiting ?? 0 }
}

/** Its lines are passed on; the last one is kept for when it fails. */
function endOf(child: ChildProcess, say: (line: string) => void): Promise<string> {
  let last = 'it ended'
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
        last = line
        say(`ml-server: ${line}`)
      }
    })
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', () => resolve(last))
  })
}

async function health(url: string): Promise<{ readonly waiting: number } | undefined> {
  try {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(5_000) })
    return jsonOf(await answer.text()) as { waiting: number }
  } catch {
    return undefined
  }
}

async function untilUp(url: string): Promise<void> {
  const until = performance.now() + patienceMs
  while (!(await health(url))) {
    if (performance.now() > until) throw new UserError('ml-server does not answer')
    await after(200)
  }
}
