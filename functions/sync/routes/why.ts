import { postOf } from '#shared/db/views/post-list.ts'
import { type JobFor, jobsFor, type PostSource, sourcesOf } from '#shared/db/views/why.ts'
import { Why } from '../api/why.ts'
import { notFound, type Route, route } from './route.ts'

export const whyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/posts/{id}/why',
    summary:
      'Why a post is what it is on record: the answers it comes from, their syncs and traces, its ML jobs',
    scope: 'read',
    isForClients: true,
    status: 200,
    answer: Why,
    serve: async ({ db, id, caller }) => {
      if (!(await postOf(db, id, caller.reach))) throw notFound('such post')
      const answers = (await sourcesOf(db, id)).map(answerOf)
      return { id, answers, ml_jobs: (await jobsFor(db, id)).map(jobOf) }
    },
  }),
]

/** `00-<trace>-<span>-<flags>` (W3C Trace Context). */
const traceOf = (traceparent: string | null) => traceparent?.split('-')[1] ?? null

function answerOf({ gave_content, gave_numbers, traceparent, fetched_at, syncs, ...page }: PostSource) {
  const { page_id, endpoint, transform_version, sync_task_id: task_id, has_body } = page
  const recorded = [
    ...(gave_content ? ['content' as const] : []),
    ...(gave_numbers ? ['numbers' as const] : []),
  ]
  return {
    ...{ page_id, endpoint, transform_version, task_id, has_body, recorded, syncs: [...syncs] },
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
