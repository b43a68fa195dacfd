import * as z from 'zod'
import { columns, number } from '../view/frame.ts'
import { day, head } from './views.ts'

export const Cause = z.looseObject({
  platform: z.string(),
  endpoint: z.string(),
  reason: z.string(),
  count: z.int(),
  oldest: z.string().nullable(),
  sample: z.string(),
})

export const MlCause = z.looseObject({
  kind: z.string(),
  model: z.string(),
  reason: z.string(),
  count: z.int(),
  sample: z.string(),
  message: z.string().nullable(),
})

export const Quarantined = z.looseObject({
  platform: z.string(),
  endpoint: z.string(),
  cause: z.string(),
  count: z.int(),
  sample: z.string(),
  path: z.string(),
  faults: z.array(z.string()),
})

export const mlCausesText = (causes: readonly z.infer<typeof MlCause>[], title: string) =>
  columns(
    [
      head([title, 'model', 'cause', 'jobs', 'for example']),
      ...causes.map(({ kind, model, reason, count, sample, message }) => [
        ...[kind, model, reason.replaceAll('_', ' '), number(count)],
        `job ${sample}${message ? `: ${message.slice(0, 80)}` : ''}`,
      ]),
    ],
    [3],
  )

export const quarantinedText = (causes: readonly z.infer<typeof Quarantined>[]) =>
  columns(
    [
      head(['platform', 'call', 'refused because', 'records', 'for example']),
      ...causes.map(({ platform, endpoint, cause, count, sample, path, faults }) => [
        ...[platform, endpoint, cause, number(count)],
        `page ${sample}, ${path}: ${faults.join('; ')}`,
      ]),
    ],
    [3],
  )

export const Field = z.looseObject({
  platform: z.string(),
  endpoint: z.string(),
  field: z.string(),
  code: z.string(),
  records: z.int(),
  sample: z.string(),
})

export const fieldsText = (fields: readonly z.infer<typeof Field>[]) =>
  columns(
    [
      head(['platform', 'call', 'field', 'in our rows', 'records', 'for example']),
      ...fields.map(({ platform, endpoint, field, code, records, sample }) => [
        ...[platform, endpoint, field, code === 'new_value' ? 'as it is' : 'NULL', number(records)],
        sample.slice(0, 60),
      ]),
    ],
    [4],
  )

export const Held = z.looseObject({
  account_id: z.string(),
  platform: z.string(),
  handle: z.string().nullable(),
  posts: z.int(),
  since: z.string(),
})

export const heldText = (held: readonly z.infer<typeof Held>[]) =>
  columns(
    [
      head(['account', 'platform', 'handle', 'posts not found, many at once', 'since (UTC)']),
      ...held.map(({ account_id, platform, handle, posts, since }) => [
        ...[account_id, platform, handle ?? '', number(posts), day(since)],
      ]),
    ],
    [3],
  )

export const causesText = (causes: readonly z.infer<typeof Cause>[]) =>
  columns(
    [
      head(['platform', 'call', 'cause', 'pages', 'oldest (UTC)', 'for example']),
      ...causes.map(({ platform, endpoint, reason, count, oldest, sample }) => [
        ...[platform, endpoint, reason, number(count), day(oldest), `page ${sample}`],
      ]),
    ],
    [3],
  )
