import * as z from 'zod'
import { MlKind } from '#shared/model/ml-job.ts'
import { batchOf } from './batch.ts'
import { Id } from './page.ts'

export const MlJobView = z.object({
  id: Id,
  kind: MlKind,
  provider: z.string(),
  model: z.string(),
  status: z.string(),
  attempt_no: z.int(),
  parked: z.boolean(),
  waiting: z.int().describe('posts that wait for it'),
  provider_job_id: z.string().nullable(),
  planned_at: z.iso.datetime(),
  due_at: z.iso.datetime().nullable().describe('when it is sent or asked about next; null: never'),
  waits_for: z.string().nullable().describe('why it has no result yet; null: it is not open'),
  reason: z.string().nullable(),
  message: z.string().nullable(),
})

export const MlCauseView = MlJobView.pick({ kind: true, model: true, message: true }).extend({
  reason: z.string(),
  count: z.int(),
  sample: Id.describe('one of these jobs; the message is from it'),
})

export const MlJobsRedriven = batchOf(MlJobView).extend({
  redriven: z.int().describe('further attempts; a job that no post waits for gets none'),
})

export const MlJobsCancelled = batchOf(MlJobView).extend({
  cancelled: z.int().describe('what their providers work on already may be paid for'),
})

export const MlSummary = z.object({
  jobs: z
    .array(
      z.object({
        provider: z.string().nullable().describe('null: planned by page, and not made yet'),
        kind: z.string(),
        state: z.enum(['planned', 'submitting', 'submitted', 'parked', 'failed']),
        count: z.int(),
        next_at: z.iso.datetime().nullable().describe('when one is sent or asked about next'),
      }),
    )
    .describe('all but those that are done'),
  held: z
    .array(z.object({ provider: z.string(), what: z.enum(['sending', 'asking']), until: z.iso.datetime() }))
    .describe('calls that are not made until then: the provider was away, or a day is used up'),
  days: z
    .array(
      z.object({
        day: z.iso.date().describe('UTC'),
        provider: z.string(),
        kind: z.string(),
        sent: z.int(),
        lost: z.int().describe('sent once more because the answer was lost; perhaps paid for too'),
        usd: z.number().nullable().describe('null: the settings name no price'),
      }),
    )
    .describe('what was sent on the last days, and what it cost'),
  unserved: z.array(MlKind).describe('kinds that no provider in the settings does'),
})
