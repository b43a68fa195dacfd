import * as z from 'zod'
import { cancelMlJobs } from '#shared/db/operations/cancel-ml-jobs.ts'
import { redriveMlJobs } from '#shared/db/operations/redrive-jobs.ts'
import { clock } from '#shared/db/views/clock.ts'
import { listMlJobs, type MlJobLine, mlCauses } from '#shared/db/views/ml-job-list.ts'
import { heldPools, jobsByState, spentByDay } from '#shared/db/views/ml-summary.ts'
import type { Language } from '#shared/language/accepted.ts'
import { unservedKinds } from '#shared/ml/configured.ts'
import { MlKind } from '#shared/model/ml-job.ts'
import { MlCauseView, MlJobsCancelled, MlJobsRedriven, MlJobView, MlSummary } from '../api/ml-job.ts'
import { Id, itemsOf, listOf, Page } from '../api/page.ts'
import { whyMlWaits } from '../why-ml-waits.ts'
import { wordsFor } from '../words.ts'
import { overBatches } from './over-batches.ts'
import { paged } from './query.ts'
import { type CallContext, type Route, route } from './route.ts'

const viewOf = (why: (job: MlJobLine) => string | null) => (job: MlJobLine) => {
  const { created_at, due_at, error_code, error, kind, ...rest } = job
  return {
    ...rest,
    kind: MlKind.parse(kind),
    planned_at: created_at.toISOString(),
    due_at: due_at?.toISOString() ?? null,
    waits_for: why(job),
    reason: error_code,
    message: error,
  }
}

type Asked = Pick<CallContext, 'db' | 'settings'> & { readonly language: Language }

/** Says why jobs wait, by how their providers stand now. */
async function whyThey({ db, language, settings: { ml } }: Asked) {
  const words = await wordsFor(language)
  const names = ml.providers.map(({ name }) => name)
  const [held, now] = [await heldPools(db, names), await clock(db)]
  return (job: MlJobLine) => whyMlWaits(job, held, ml.providers, now, words)
}

const Filter = z.object({
  id: Id.optional(),
  kind: MlKind.optional(),
  provider: z.string().max(100).optional(),
  reason: z.string().max(100).optional(),
})

/** So many days are shown. */
const daysShown = 14

export const mlRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/ml-jobs/summary',
    cachedS: 5,
    summary: 'ML jobs by provider, kind and state, what holds them up, and what the last days cost',
    scope: 'read',
    status: 200,
    answer: MlSummary,
    serve: async ({ db, settings: { ml } }) => {
      const names = ml.providers.map(({ name }) => name)
      const jobs = await jobsByState(db)
      const held = await heldPools(db, names)
      return {
        jobs: jobs.map(({ next_at, ...one }) => ({ ...one, next_at: next_at?.toISOString() ?? null })),
        held: held.map(({ pool, until }) => ({
          provider: pool.split('.')[0] ?? pool,
          what: pool.endsWith('.ask') ? ('asking' as const) : ('sending' as const),
          until: until.toISOString(),
        })),
        days: await spentByDay(db, daysShown),
        unserved: unservedKinds(ml.providers),
      }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/ml-jobs/causes',
    cachedS: 5,
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
    cachedS: 5,
    summary: 'ML jobs that are open, parked until a person decides, or failed',
    scope: 'read',
    query: Page.extend({ state: z.enum(['open', 'parked', 'failed']).default('open'), ...Filter.shape }),
    status: 200,
    answer: listOf(MlJobView),
    serve: async ({ query: { after, limit, ...filter }, ...context }) => {
      const { items, next } = paged(await listMlJobs(context.db, filter, after ?? '0', limit + 1), limit)
      return { items: items.map(viewOf(await whyThey(context))), next }
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
    serve: async ({ body: { dry_run: isDry, ...filter }, signal, caller, ...context }) => {
      const { db } = context
      const { changed, sample, ...done } = await overBatches({
        ...{ signal, isDry },
        list: (after, limit) => listMlJobs(db, { ...filter, state: 'parked' }, after, limit),
        change: (ids) => redriveMlJobs(db, ids, caller.name),
      })
      return { ...done, sample: sample.map(viewOf(await whyThey(context))), redriven: changed }
    },
  }),
  route({
    method: 'POST',
    path: '/v1/ml-jobs/cancel',
    summary: 'Cancel ML jobs, one or all of a cause; their contents get no further one of the same model',
    scope: 'sync',
    body: z.strictObject({
      state: z.enum(['open', 'parked']).default('open'),
      ...Filter.shape,
      dry_run: z.boolean().default(false),
    }),
    status: 200,
    answer: MlJobsCancelled,
    serve: async ({ body: { dry_run: isDry, ...filter }, signal, caller, ...context }) => {
      const { db } = context
      const { changed, sample, ...done } = await overBatches({
        ...{ signal, isDry },
        list: (after, limit) => listMlJobs(db, filter, after, limit),
        change: (ids) => cancelMlJobs(db, ids, caller.name),
      })
      return { ...done, sample: sample.map(viewOf(await whyThey(context))), cancelled: changed }
    },
  }),
]
