import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test } from 'vitest'
import { Stopped } from '#shared/errors.ts'
import { request } from '#shared/http/request.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

async function open(serve: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => serve(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** Garbage is collected again and again while it waits. */
async function amidCollections<T>(work: Promise<T>): Promise<T> {
  const collector = setInterval(collectGarbage, 20)
  try {
    return await work
  } finally {
    clearInterval(collector)
  }
}

test('a body that drips is broken off at the time limit, whatever garbage is collected meanwhile', async () => {
  let dripped = 0
  let closed = false
  const url = await open((response) => {
    response.writeHead(200)
    const drip = setInterval(() => {
      dripped += 1
      response.write('.')
    }, 10)
    response.on('close', () => {
      closed = true
      clearInterval(drip)
    })
  })
  const asked = request((address, init) => fetch(address, init), url, { timeoutMs: 300 })
  await expect(amidCollections(asked)).rejects.toMatchObject({ reason: 'unreachable', maybeDone: true })
  expect(dripped).toBeGreaterThan(0)
  await expect.poll(() => closed).toBe(true)
})

test('a body that stalls is broken off before the time limit', async () => {
  const url = await open((response) => {
    response.writeHead(200)
    response.write('{')
  })
  const since = performance.now()
  const asked = request((address, init) => fetch(address, init), url, { timeoutMs: 30_000 })
  await expect(amidCollections(asked)).rejects.toMatchObject({
    reason: 'unreachable',
    cause: { message: 'the body stalls' },
  })
  expect(performance.now() - since).toBeLessThan(20_000)
})

test('a server that never answers is given up, and a caller that stops waits a little for its answer', async () => {
  const url = await open(() => undefined)
  const ask = (options: object) => request((address, init) => fetch(address, init), url, options)
  await expect(ask({ timeoutMs: 100 })).rejects.toMatchObject({ reason: 'unreachable', maybeDone: true })
  const caller = new AbortController()
  setTimeout(() => caller.abort(), 50)
  const slow = await open((response) => void setTimeout(() => response.end('late'), 500))
  const answered = request((address, init) => fetch(address, init), slow, { signal: caller.signal })
  await expect(ask({ signal: caller.signal })).rejects.toBeInstanceOf(Stopped)
  expect(await answered).toMatchObject({ status: 200, text: 'late' })
  await expect(ask({ signal: AbortSignal.abort() })).rejects.toBeInstanceOf(Stopped)
})

test('a body beyond the size is not read to its end', async () => {
  const url = await open((response) => response.end('x'.repeat(10_000)))
  await expect(
    request((address, init) => fetch(address, init), url, { maxBytes: 5_000 }),
  ).rejects.toMatchObject({ reason: 'too_large' })
})
