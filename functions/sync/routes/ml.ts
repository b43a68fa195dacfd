import * as z from 'zod'
import { redriveMlJobs } from '#shared/db/operations/redrive-jobs.ts'
import { listMlJobs, type MlJobLine, mlCauses } from '#shared/db/views/ml-job-list.ts'
import { MlKind } from '#shared/model/ml-job.ts'
import { MlCauseView, MlJobsRedriven, MlJobView } from '../api/ml-job.ts'
import { itemsOf, listOf, Page } from '../api/page.ts'
import { overBatches } from './over-batches.ts'
import { paged, type Route, route } from './route.ts'

const viewOf = ({ created_at, due_at, error_code, error, kind, ...job }: MlJobLine) => ({
  ...job,
  kind: MlKind.parse(kind),
  planned_at: created_at.toISOString(),
  due_at: due_at?.toISOString() ?? null,
  reason: error_code,
  message: error,
})

const Filter = z.object({ kind: MlKind.optional(), reason: z.string().max(100).optional() })

export const mlRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/ml-jobs/causes',
    summary: 'ML jobs that are parked or ended without a result, by their cause, the most frequent first',
    scope: 'read',
    query: z.object({ state: z.enum(['parked', 'failed']).default('parked') }),
    status: 200,
    answer: itemsOf(MlCauseView),
    serve: async ({ db, query }) => {
      const causes = await mlCauses(db, query.state)
      return { items: causes.map(({ kind, ...cause }) => ({ ...cause, kind: MlKind.parse(kind) })) }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/ml-jobs',
    summary: 'ML jobs that are open, parked until a person decides, or failed',
    scope: 'read',
    query: Page.extend({ state: z.enum(['open', 'parked', 'failed']).default('open'), ...Filter.shape }),
    status: 200,
    answer: listOf(MlJobView),
    serve: async ({ db, query: { after, limit, ...filter } }) => {
      const { items, next } = paged(await listMlJobs(db, filter, after ?? '0', limit + 1), limit)
      return { items: items.map(viewOf), next }
    },
  }),
  route({
    method: 'POST',
    path: '/v1/ml-jobs/redrive',
    summary: 'Retry parked ML jobs, which may cost money; with dry_run only show which',
    scope: 'sync',
    body: z.strictObject({ ...Filter.shape, dry_run: z.boolean().default(false) }),
    status: 200,
    answer: MlJobsRedriven,
    serve: async ({ db, body: { dry_run: isDry, ...filter }, signal, caller }) => {
      const { changed, sample, ...done } = await overBatches({
        ...{ signal, isDry },
        list: (after, limit) => listMlJobs(db, { ...filter, state: 'parked' }, after, limit),
        change: (ids) => redriveMlJobs(db, ids, caller.name),
      })
      return { ...done, sample: sample.map(viewOf), redriven: changed }
    },
  }),
]
