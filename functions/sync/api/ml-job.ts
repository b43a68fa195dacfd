import * as z from 'zod'
import { MlKind } from '#shared/model/ml-job.ts'
import { batchOf } from './batch.ts'
import { Id } from './page.ts'

export const MlJobView = z.object({
  id: Id,
  kind: MlKind,
  model: z.string(),
  status: z.string(),
  attempt_no: z.int(),
  parked: z.boolean(),
  waiting: z.int().describe('posts that wait for it'),
  provider_job_id: z.string().nullable(),
  planned_at: z.iso.datetime(),
  due_at: z.iso.datetime().nullable().describe('when it is sent or asked about next; null: never'),
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
