import { createHash, randomUUID } from 'node:crypto'
import type { Message } from '@aws-sdk/client-sqs'

/** Events exactly as the cloud sends them (Cloud Functions, triggers; Message Queue, trigger; API Gateway, functions). */

const origin = { cloud_id: 'b1glocalcloud', folder_id: 'b1glocalfolder' }

export function timerEvent(triggerId: string, now: Date): object {
  return {
    messages: [
      {
        event_metadata: {
          event_id: randomUUID(),
          event_type: 'yandex.cloud.events.serverless.triggers.TimerMessage',
          created_at: now.toISOString(),
          ...origin,
        },
        details: { trigger_id: triggerId },
      },
    ],
  }
}

export function ymqEvent(queue: string, messages: readonly Message[], now: Date): object {
  return {
    messages: messages.map((message) => ({
      event_metadata: {
        event_id: message.MessageId,
        event_type: 'yandex.cloud.events.messagequeue.QueueMessage',
        created_at: now.toISOString(),
        ...origin,
      },
      details: {
        queue_id: `yrn:yc:ymq:ru-central1:${origin.folder_id}:${queue}`,
        message: {
          message_id: message.MessageId,
          md5_of_body: createHash('md5')
            .update(message.Body ?? '')
            .digest('hex'),
          body: message.Body,
          attributes: { SentTimestamp: message.Attributes?.SentTimestamp ?? '' },
          message_attributes: Object.fromEntries(
            Object.entries(message.MessageAttributes ?? {}).map(([key, { StringValue }]) => [
              key,
              { data_type: 'StringValue', string_value: StringValue },
            ]),
          ),
        },
      },
    })),
  }
}

export interface HttpCall {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** API Gateway, format 1.0. A body that is no JSON comes encoded. */
export function httpEvent(call: HttpCall): object {
  const all = Object.entries(call.headers).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, [value].flat()] as const],
  )
  const isJson = /^application\/(.+\+)?json\b/.test(String(call.headers['content-type'] ?? ''))
  const encoded = call.body !== '' && !isJson
  const queries = [...new Set(call.query.keys())].map((key) => [key, call.query.getAll(key)] as const)
  return {
    version: '1.0',
    resource: call.path,
    path: call.path,
    httpMethod: call.method,
    headers: Object.fromEntries(all.map(([key, values]) => [key, values.at(-1)])),
    multiValueHeaders: Object.fromEntries(all),
    queryStringParameters: Object.fromEntries(queries.map(([key, values]) => [key, values.at(-1)])),
    multiValueQueryStringParameters: Object.fromEntries(queries),
    requestContext: { httpMethod: call.method, requestId: randomUUID(), identity: { sourceIp: '127.0.0.1' } },
    pathParameters: {},
    body: encoded ? Buffer.from(call.body).toString('base64') : call.body,
    isBase64Encoded: encoded,
  }
}
