import { CreateQueueCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRing } from '#shared/model/message.ts'
import { openSqs, type QueueOptions, ringSender } from '#shared/queue/sqs.ts'

export interface QueueServer {
  readonly options: QueueOptions
  /** Content types of the requests seen on the wire, newest last. */
  readonly contentTypes: readonly string[]
  close(): Promise<void>
}

/** What every queue server must do for rings; run on each server and protocol we claim to work with. */
export function queueSuite(name: string, open: () => Promise<QueueServer>, contentType: string): void {
  describe(name, () => {
    const unexpected = (error: unknown) => expect.unreachable(String(error))
    let server: QueueServer
    let client: SQSClient
    beforeAll(async () => {
      server = await open()
      client = openSqs(server.options)
    })
    afterAll(async () => {
      client.destroy()
      await server.close()
    })
    const newQueue = async () => {
      const { QueueUrl } = await client.send(
        new CreateQueueCommand({ QueueName: `rings-${crypto.randomUUID()}` }),
      )
      return QueueUrl ?? ''
    }
    const bodiesOf = async (QueueUrl: string) => {
      const bodies: string[] = []
      for (;;) {
        const { Messages = [] } = await client.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
        )
        if (Messages.length === 0) return bodies
        bodies.push(...Messages.map((message) => message.Body ?? ''))
      }
    }

    test('a ring arrives as it was sent, in the protocol that was chosen', async () => {
      const url = await newQueue()
      expect(
        await ringSender(
          client,
          url,
          unexpected,
        )([{ v: 1, kind: 'transform', ids: ['7'], traceparent: '00-abc-def-01' }]),
      ).toBe(0)
      expect(server.contentTypes.at(-1)).toContain(contentType)
      const [body] = await bodiesOf(url)
      expect(readRing(body ?? '')).toEqual({
        v: 1,
        kind: 'transform',
        ids: ['7'],
        traceparent: '00-abc-def-01',
      })
    })

    test('twenty-five rings go in batches of ten and all arrive', async () => {
      const url = await newQueue()
      const rings = Array.from({ length: 25 }, (_, index) => ({
        v: 1 as const,
        kind: 'extract' as const,
        ids: [String(index)],
      }))
      const before = server.contentTypes.length
      expect(await ringSender(client, url, unexpected)(rings)).toBe(0)
      expect(server.contentTypes.length - before).toBe(3)
      expect(await bodiesOf(url)).toHaveLength(25)
    })

    test('a ring that no batch can carry is counted as failed, and the others arrive', async () => {
      const url = await newQueue()
      const large = {
        v: 1 as const,
        kind: 'extract' as const,
        ids: Array.from({ length: 100 }, () => 'x'.repeat(2_700)),
      }
      expect(await ringSender(client, url, unexpected)([large, { v: 1, kind: 'extract' }])).toBe(1)
      expect(await bodiesOf(url)).toHaveLength(1)
    })

    test('rings to a queue that is not there are counted, and nothing is thrown', async () => {
      const url = (await newQueue()).replace(/rings-[^/]+$/, 'no-such-queue')
      const causes: unknown[] = []
      const send = ringSender(client, url, (error) => causes.push(error))
      expect(await send([{ v: 1, kind: 'extract' }])).toBe(1)
      expect(causes).toHaveLength(1)
    })
  })
}
