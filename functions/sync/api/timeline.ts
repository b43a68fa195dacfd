import * as z from 'zod'
import { Lane } from '#shared/model/sync.ts'
import { Id } from './page.ts'

export const TimelineEntry = z.object({
  id: Id.describe('of the task'),
  sync_id: Id.nullable().describe('the request that asked for it; null: upkeep of the schedule'),
  status: z.string(),
  reason: z.string().nullable(),
  mode: z.enum(['refresh', 'incremental', 'full']),
  lane: Lane,
  asked_at: z.iso.datetime(),
  walked_at: z.iso.datetime().nullable().describe('when the platform had been asked for everything'),
  finished_at: z.iso.datetime().nullable(),
  pages: z.int(),
  parked: z.int(),
  records: z.int(),
  quarantined: z.int(),
  last_error: z.string().nullable(),
})
