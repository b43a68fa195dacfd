import * as z from 'zod'
import { postOf } from '#shared/db/views/post-list.ts'
import { type JobFor, jobsFor, type Telling, tellingsOf } from '#shared/db/views/why.ts'
import { Id, notFound, type Route, route } from './route.ts'

const Trace = z.string().nullable().describe('id of the trace it belongs to; null: none was kept')

export const Why = z.object({
  id: Id,
  answers: z.array(
    z.object({
      page_id: Id,
      endpoint: z.string(),
      answered_at: z.iso.datetime(),
      told: z
        .array(z.enum(['content', 'numbers']))
        .describe('what stands on record from it; empty: nothing new'),
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

export const whyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/posts/{id}/why',
    summary:
      'Why a post is what it is on record: the answers that told it, their syncs and traces, its ML jobs',
    scope: 'read',
    status: 200,
    answer: Why,
    serve: async ({ db, id }) => {
      if (!(await postOf(db, id))) throw notFound('such post')
      const answers = (await tellingsOf(db, id)).map(answerOf)
      return { id, answers, ml_jobs: (await jobsFor(db, id)).map(jobOf) }
    },
  }),
]

/** `00-<trace>-<span>-<flags>` (W3C Trace Context). */
const traceOf = (traceparent: string | null) => traceparent?.split('-')[1] ?? null

function answerOf({ told_content, told_numbers, traceparent, fetched_at, syncs, ...page }: Telling) {
  const { page_id, endpoint, transform_version, sync_task_id: task_id, has_body } = page
  const told = [...(told_content ? ['content' as const] : []), ...(told_numbers ? ['numbers' as const] : [])]
  return {
    ...{ page_id, endpoint, transform_version, task_id, has_body, told, syncs: [...syncs] },
    answered_at: fetched_at.toISOString(),
    trace_id: traceOf(traceparent),
  }
}

function jobOf({ created_at, submitted_at, finished_at, traceparent, ...job }: JobFor) {
  return {
    ...job,
    planned_at: created_at.toISOString(),
    submitted_at: submitted_at?.toISOString() ?? null,
    finished_at: finished_at?.toISOString() ?? null,
    trace_id: traceOf(traceparent),
  }
}
