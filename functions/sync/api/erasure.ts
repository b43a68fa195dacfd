import * as z from 'zod'
import { PlatformName } from '#shared/platforms/index.ts'
import { RequestedBy } from '../erase-account.ts'
import { Id } from './page.ts'

export const EraseMany = z.strictObject({
  account_ids: z.array(Id).min(1).max(100),
  requested_by: RequestedBy,
})

export const ErasedLine = z.object({
  index: z.int(),
  account_id: Id,
  status: z
    .enum(['erased', 'not_found', 'no_time'])
    .describe('no_time: the call had to end; ask again with another Idempotency-Key'),
  posts: z.int(),
})

export const Admitted = z.object({ platform: PlatformName, handle: z.string() })
