import * as z from 'zod'
import { Id } from './page.ts'

const Trace = z.string().nullable().describe('id of the trace it belongs to; null: none was kept')

export const Why = z.object({
  id: Id,
  answers: z.array(
    z.object({
      page_id: Id,
      endpoint: z.string(),
      answered_at: z.iso.datetime(),
      recorded: z
        .array(z.enum(['content', 'numbers']))
        .describe('what the rows hold from it; empty: nothing new'),
      transform_version: z.int().nullable(),
      task_id: Id,
      syncs: z.array(Id),
      trace_id: Trace,
      has_body: z.boolean().describe('whether GET /v1/pages/{id}/body still shows it'),
    }),
  ),
  ml_jobs: z.array(
    z.object({
      id: Id,
      kind: z.string(),
      model: z.string(),
      model_version: z.string().nullable(),
      attempt_no: z.int(),
      status: z.string(),
      parked: z.boolean(),
      provider_job_id: z.string().nullable(),
      planned_at: z.iso.datetime(),
      submitted_at: z.iso.datetime().nullable(),
      finished_at: z.iso.datetime().nullable(),
      error: z.string().nullable(),
      trace_id: Trace,
      has_result: z.boolean(),
    }),
  ),
})
