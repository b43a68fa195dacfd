import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs'
import { AwsQueryProtocol } from '@aws-sdk/core/protocols'
import { Ring, type Send } from '../model/message.ts'

export interface QueueOptions {
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** query: what Yandex Message Queue documents; json: what newer servers speak. */
  readonly protocol: 'query' | 'json'
}

/** A client of a server that speaks SQS; the query protocol needs its settings named (Message Queue). */
export function openSqs(options: QueueOptions): SQSClient {
  const { accessKeyId, secretAccessKey } = options
  return new SQSClient({
    endpoint: options.endpoint,
    region: options.region,
    credentials: { accessKeyId, secretAccessKey },
    useQueueUrlAsEndpoint: false,
    maxAttempts: 3,
    ...(options.protocol === 'query'
      ? {
          protocol: AwsQueryProtocol,
          protocolSettings: {
            defaultNamespace: 'com.amazonaws.sqs',
            xmlNamespace: 'http://queue.amazonaws.com/doc/2012-11-05/',
            version: '2012-11-05',
          },
        }
      : {}),
  })
}

/** Yandex Message Queue takes 10 messages a batch and 256 KB for the whole of it. */
const batchEntries = 10
const batchBytes = 262_144

/** @param onFailed called with the cause when a batch could not be sent */
export function ringSender(client: SQSClient, queueUrl: string, onFailed: (error: unknown) => void): Send {
  return async (rings) => {
    const bodies = rings.map((ring) => JSON.stringify(Ring.parse(ring)))
    const batches = batchesOf(bodies)
    const failed = await Promise.all(batches.map((batch) => sendBatch(client, queueUrl, batch, onFailed)))
    return failed.reduce((sum, count) => sum + count, bodies.length - batches.flat().length)
  }
}

/** A ring too large for any batch is left out, and so counted as failed. */
function batchesOf(bodies: readonly string[]): string[][] {
  const batches: string[][] = []
  let bytes = 0
  for (const body of bodies) {
    const size = Buffer.byteLength(body)
    if (size > batchBytes) continue
    const last = batches.at(-1)
    if (last && last.length < batchEntries && bytes + size <= batchBytes) {
      last.push(body)
      bytes += size
    } else {
      batches.push([body])
      bytes = size
    }
  }
  return batches
}

async function sendBatch(
  client: SQSClient,
  queueUrl: string,
  bodies: readonly string[],
  onFailed: (error: unknown) => void,
): Promise<number> {
  try {
    const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }))
    const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
    return answer.Failed?.length ?? 0
  } catch (error) {
    onFailed(error)
    return bodies.length
  }
}
