import { setTimeout as after } from 'node:timers/promises'
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { startFauxqs } from 'fauxqs'
import { openSqs, type QueueOptions } from '#shared/queue/sqs.ts'
import type { QueueTrigger, Serverless } from './serverless.ts'

export interface LocalQueues {
  readonly options: QueueOptions
  readonly client: SQSClient
  /** Queue URLs by the names in serverless.yml. */
  readonly urls: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** The server of QUEUE_ENDPOINT, or an embedded one in this process; the queues of serverless.yml are made. */
export async function openQueues(
  serverless: Serverless,
  given: QueueOptions | undefined,
): Promise<LocalQueues> {
  const embedded = given ? undefined : await startFauxqs({ port: 0, logger: false, host: '127.0.0.1' })
  const options = given ?? {
    endpoint: `http://127.0.0.1:${embedded?.port}`,
    region: 'ru-central1',
    accessKeyId: 'local',
    secretAccessKey: 'local-secret-key',
    protocol: 'json',
  }
  const client = openSqs(options)
  const urls: Record<string, string> = {}
  for (const [name, { visibility, retention }] of Object.entries(serverless.custom.queues)) {
    const Attributes = { VisibilityTimeout: String(visibility), MessageRetentionPeriod: String(retention) }
    const made = await client.send(new CreateQueueCommand({ QueueName: `social-sync-${name}`, Attributes }))
    urls[name] = made.QueueUrl ?? ''
  }
  return {
    options,
    client,
    urls,
    close: async () => {
      client.destroy()
      await embedded?.stop()
    },
  }
}

/**
 * A batch as a trigger makes it: waits for the first message, then for more until the batch is full or the cutoff is
 * reached, but only while `more`, called with the number of messages received, says that others are on their way.
 */
export async function receiveBatch(
  client: SQSClient,
  url: string,
  { batch, cutoff }: QueueTrigger,
  more: (received: number) => boolean,
  signal: AbortSignal,
): Promise<Message[]> {
  const messages = await receive(client, url, batch, 1, signal)
  const until = performance.now() + cutoff * 1000
  let goesOn = more(messages.length)
  while (messages.length > 0 && messages.length < batch && goesOn && performance.now() < until) {
    // What was received is not lost when more cannot be.
    const further = await receive(client, url, batch - messages.length, 0, signal).catch(() => [])
    messages.push(...further)
    goesOn = more(further.length)
    await after(20)
  }
  return messages
}

/** Up to ten messages; waits so many seconds for the first. */
async function receive(
  client: SQSClient,
  url: string,
  most: number,
  waitS: number,
  signal: AbortSignal,
): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: url,
    MaxNumberOfMessages: Math.min(most, 10),
    WaitTimeSeconds: waitS,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
  })
  const answer = await client.send(command, { abortSignal: signal })
  return answer.Messages ?? []
}

export async function remove(client: SQSClient, url: string, messages: readonly Message[]): Promise<void> {
  const Entries = messages.map((message, index) => ({
    Id: String(index),
    ReceiptHandle: message.ReceiptHandle ?? '',
  }))
  await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }))
}
