import * as z from 'zod'
import { type PlainRing, type Ring, readRing } from '../model/message.ts'

/** A message attribute; the documentation spells its keys one way, the published types another (Message Queue, trigger). */
const Attribute = z
  .looseObject({ string_value: z.string().optional(), stringValue: z.string().optional() })
  .transform((attribute) => attribute.string_value ?? attribute.stringValue)

/** The event of a Message Queue trigger. There is no receipt handle: success deletes the batch, an error returns it. */
export const YmqEvent = z.object({
  messages: z.array(
    z.object({
      details: z.object({
        message: z.object({
          message_id: z.string(),
          body: z.string(),
          message_attributes: z.record(z.string(), Attribute).nullish(),
        }),
      }),
    }),
  ),
})

export interface Rung {
  readonly messageId: string
  readonly ring: Ring | PlainRing
  readonly traceparent: string | undefined
}

/** The rings of a trigger event; empty for an event of another kind, such as a timer's. */
export function ringsOf(event: unknown): Rung[] {
  const parsed = YmqEvent.safeParse(event)
  if (!parsed.success) return []
  return parsed.data.messages.map(({ details: { message } }) => {
    const ring = readRing(message.body)
    const inBody = ring.kind === 'plain' ? undefined : ring.traceparent
    return {
      messageId: message.message_id,
      ring,
      traceparent: inBody ?? message.message_attributes?.['traceparent'],
    }
  })
}
