import * as z from 'zod'
import { jsonOf } from './json.ts'

/**
 * A ring starts work and means nothing else: the function that gets it claims work from the ledger. It may be lost, doubled,
 * late or out of order without harm; the ids are hints for people who read logs.
 */
export const Ring = z.object({
  v: z.literal(1),
  kind: z.enum(['extract', 'transform']),
  ids: z.array(z.string()).max(100).default([]),
  traceparent: z.string().max(100).optional(),
})
export type Ring = z.infer<typeof Ring>

/** Sends rings; returns how many could not be sent. Never throws: a ring lost is repaired by a timer. */
export type Send = (rings: readonly z.input<typeof Ring>[]) => Promise<number>

/** A message of another release, or of no release of ours: it still starts work. */
export interface PlainRing {
  readonly kind: 'plain'
}

/** Reads a message body; never throws, since a ring that cannot be read still rings. */
export function readRing(body: string): Ring | PlainRing {
  return Ring.safeParse(jsonOf(body)).data ?? { kind: 'plain' }
}
