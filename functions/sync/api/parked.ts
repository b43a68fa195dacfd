import * as z from 'zod'
import { PlatformName } from '#shared/platforms/index.ts'
import { batchOf } from './batch.ts'
import { Id } from './page.ts'

export const ParkedView = z.object({
  id: Id,
  platform: PlatformName,
  account_id: Id,
  handle: z.string().nullable(),
  endpoint: z.string(),
  reason: z.string(),
  message: z.string().nullable(),
  parked_at: z.iso.datetime().nullable(),
})

export const ParkedCause = ParkedView.pick({ platform: true, endpoint: true, reason: true }).extend({
  count: z.int(),
  again: z.int().describe('those that were redriven before and parked again for the same cause'),
  oldest: z.iso.datetime().nullable(),
  sample: Id,
})

export const Redriven = batchOf(ParkedView).extend({ redriven: z.int() })
export const Dropped = batchOf(ParkedView).extend({ dropped: z.int() })
