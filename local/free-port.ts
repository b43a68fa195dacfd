import { createServer } from 'node:net'

/** A port of 127.0.0.1 that is free now: the preferred one or the next after it, any when none is preferred. */
export function freePort(preferred = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error) => {
      if (preferred === 0 || preferred === 65_535) reject(error)
      else resolve(freePort(preferred + 1))
    })
    probe.listen(preferred, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
