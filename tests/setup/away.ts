import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A way to a server that can be closed: as its clients see it, the server is stopped, and started again later. */
export async function openWay(url: string) {
  const { hostname, port } = new URL(url)
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one)
      one.pipe(other)
      one.on('error', () => undefined)
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
  })
  const listen = (at: number) => new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve))
  const close = () => {
    for (const socket of open) socket.destroy()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  }
  await listen(0)
  const address = server.address()
  const own = typeof address === 'object' && address ? address.port : 0
  onTestFinished(async () => {
    if (server.listening) await close()
  })
  return {
    url: Object.assign(new URL(url), { host: `127.0.0.1:${own}` }).href,
    /** Breaks all connections off and takes no further one until the work is done. */
    closed: async (work: () => Promise<unknown>) => {
      await close()
      await work()
      await listen(own)
    },
  }
}
