import type { IncomingMessage, Server } from 'node:http'
import { createServer, request } from 'node:http'
import { startFauxqs } from 'fauxqs'
import { createSqsServer } from 'local-aws-sqs'
import { expect, onTestFinished, test } from 'vitest'
import { verify } from '#shared/db/views/verify.ts'
import { freePort } from '../../local/free-port.ts'
import { closeServer, portOf } from '../../local/simulators/server.ts'
import { openTestWorld } from '../setup/world.ts'
import { type QueueServer, queueSuite } from './queue.suite.ts'

const keys = { region: 'ru-central1', accessKeyId: 'local', secretAccessKey: 'local-secret-key' }

/** Stands before a queue server and notes the content types that pass. */
async function watched(
  port: number,
  protocol: 'json' | 'query',
  close: () => Promise<void>,
): Promise<QueueServer> {
  const contentTypes: string[] = []
  const proxy = createServer((incoming: IncomingMessage, response) => {
    contentTypes.push(String(incoming.headers['content-type']))
    const { method, url, headers } = incoming
    const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    // A poll is under way when the server is closed.
    onward.on('error', () => response.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return {
    options: { ...keys, endpoint: `http://127.0.0.1:${portOf(proxy)}`, protocol },
    contentTypes,
    close: async () => {
      await closeServer(proxy)
      await close()
    },
  }
}

async function fauxqs(): Promise<QueueServer> {
  const server = await startFauxqs({ port: 0, logger: false, host: '127.0.0.1' })
  return watched(server.port, 'json', () => server.stop())
}

// Known faults of local-aws-sqs that rings do not meet: system attributes by their new name, PurgeQueue at once,
// a stale receipt deletes, no lock of FIFO groups.
const localAwsSqs = (protocol: 'json' | 'query') => async (): Promise<QueueServer> => {
  const port = await freePort()
  const server: Server = await createSqsServer({ port, hostname: '127.0.0.1' })
  return watched(port, protocol, () => closeServer(server))
}

test('the whole pipeline runs over a server that speaks the query protocol', async () => {
  const server = await localAwsSqs('query')()
  onTestFinished(() => server.close())
  const world = await openTestWorld({ queue: server.options })
  const standing = await world.syncAll()
  expect(standing).toMatchObject({ tasks: { done: 3 }, ml_jobs: { open: 0 } })
  expect(new Set(server.contentTypes)).toEqual(new Set(['application/x-www-form-urlencoded']))
  expect(world.failures).toEqual([])
  expect(await verify(world.db)).toEqual([])
})

queueSuite('fauxqs, JSON', fauxqs, 'application/x-amz-json-1.0')
queueSuite('local-aws-sqs, JSON', localAwsSqs('json'), 'application/x-amz-json-1.0')
queueSuite('local-aws-sqs, query', localAwsSqs('query'), 'application/x-www-form-urlencoded')
