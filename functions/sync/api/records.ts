import * as z from 'zod'
import { PlatformName } from '#shared/platforms/index.ts'
import { Id } from './page.ts'

export const QuarantinedView = z.object({
  platform: PlatformName,
  endpoint: z.string(),
  cause: z.string(),
  count: z.int(),
  newest: z.iso.datetime(),
  sample: Id.describe('the page of one of them'),
  path: z.string().describe('its place in the answer'),
  faults: z.array(z.string()).describe('what is wrong with it, each with its field'),
})

export const FieldView = z.object({
  platform: PlatformName,
  endpoint: z.string(),
  field: z.string().describe('its place in the record; places in lists as *'),
  code: z.string().describe('new_value: kept as it is; any other: NULL in the rows'),
  records: z.int(),
  first_at: z.iso.datetime(),
  last_at: z.iso.datetime(),
  sample: z.string().describe('one of the values, as JSON'),
  message: z.string(),
})

export const HeldView = z.object({
  account_id: Id,
  platform: PlatformName,
  handle: z.string().nullable(),
  posts: z.int(),
  since: z.iso.datetime(),
})

export const Deleted = z.object({ deleted: z.int() })
