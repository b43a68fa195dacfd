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
