import * as z from 'zod'

/**
 * A ring starts work and means nothing else: whoever is rung claims from the ledger. It may be lost, doubled,
 * late or out of order without harm; the ids are hints for people who read logs.
 */
export const Ring = z.object({
  v: z.literal(1),
  kind: z.enum(['extract', 'transform']),
  ids: z.array(z.string()).max(100).default([]),
  traceparent: z.string().max(100).optional(),
})
export type Ring = z.infer<typeof Ring>
export type RingInput = z.input<typeof Ring>

/** What is left of a message of another release, or of no release of ours: somebody rang. */
export interface PlainRing {
  readonly kind: 'plain'
}

/** Reads a message body; never throws, since a ring that cannot be read still rings. */
export function readRing(body: string): Ring | PlainRing {
  try {
    return Ring.safeParse(JSON.parse(body)).data ?? { kind: 'plain' }
  } catch {
    return { kind: 'plain' }
  }
}
