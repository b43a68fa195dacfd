import * as z from 'zod'
import { AccessMode } from '#shared/model/account.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { Id } from './page.ts'

export const QuotaView = z.object({
  pool: z.string(),
  window_start: z.iso.datetime(),
  used: z.int(),
  limit: z.int(),
  blocked_until: z.iso.datetime().nullable(),
})

export const Finding = z.object({
  name: z.string(),
  count: z.int().nullable().describe('null: no time was left to check it'),
  sample: z.array(z.object({ id: Id, what: z.string() })),
})

export const FaultView = z.object({
  platform: PlatformName,
  access_mode: AccessMode,
  message: z.string().describe('what is wrong'),
  remedy: z.string().describe('what to do'),
  since: z.iso.datetime(),
})

export const Health = z.object({
  status: z.enum(['ok', 'app_refused']),
  schema: z.string().describe('the newest migration'),
  faults: z.array(FaultView).describe('for which accounts the app itself is refused, and what to do'),
})

export const Verified = z.object({
  ok: z.boolean(),
  invariants: z.array(z.string()).describe('what was checked'),
  findings: z.array(Finding),
})
