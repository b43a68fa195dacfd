import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'

/** Where probes ask a process how it is. Absent: nowhere. */
export const healthSettings = z.object({
  HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
})

export interface Health {
  /** The port that was taken; undefined: none. */
  readonly port: number | undefined
  /** From now on it takes work, or no longer. */
  say(isReady: boolean): void
  isReady(): boolean
}

/**
 * Answers `/live` with 200 while the process turns its loop, and `/ready` with 200 while it takes work, 503 before and after. Neither asks
 * the database: one that is away is no reason to start a process again.
 * @param port 0: a free one
 */
export async function openHealth(port: number | undefined): Promise<Health> {
  let isReady = false
  const own = port === undefined ? undefined : await listen(port, () => isReady)
  return {
    port: own,
    isReady: () => isReady,
    say: (value) => {
      isReady = value
    },
  }
}

const answers = { 200: 'ok', 404: 'there are /live and /ready', 503: 'takes no work' }

function listen(port: number, isReady: () => boolean): Promise<number> {
  const statusOf = (path = '') => {
    if (path === '/ready') return isReady() ? 200 : 503
    return path === '/live' ? 200 : 404
  }
  const server = createServer(({ url }, response) => {
    const status = statusOf(url)
    response.writeHead(status, { 'content-type': 'text/plain' }).end(`${answers[status]}\n`)
  })
  // Probes keep no process up.
  server.unref()
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, () => resolve((server.address() as AddressInfo).port))
  })
}

/** Asks a process on this machine whether it takes work, for containers whose image has no other program that could ask. */
export async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/ready`, { signal: AbortSignal.timeout(3_000) })).ok
  } catch {
    return false
  }
}
