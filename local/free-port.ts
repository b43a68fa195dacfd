import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below those that systems give to connections that go out, of which one could take it before it is used. */
const lowest = 12_000
const highest = 30_000
const tries = 50

/** A port of 127.0.0.1 that is free now: the preferred one or the next after it, any when none is preferred. */
export async function freePort(preferred = 0): Promise<number> {
  for (let place = 0; place < tries; place += 1) {
    const port = preferred === 0 ? randomInt(lowest, highest) : preferred + place
    if (port <= 65_535 && (await isFree(port))) return port
  }
  throw new Error(`no port is free${preferred === 0 ? '' : ` from ${preferred} on`}`)
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
