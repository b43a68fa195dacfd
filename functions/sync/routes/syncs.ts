import { cancelJob } from '#shared/db/operations/cancel-job.ts'
import { listJobs } from '#shared/db/views/job-list.ts'
import { reportOfJob } from '#shared/db/views/job-report.ts'
import { type TaskTrace, traceOf } from '#shared/db/views/trace.ts'
import { listOf, Page } from '../api/page.ts'
import { Cancelled, Origin, Started, SyncLine, SyncView } from '../api/sync.ts'
import { TraceView } from '../api/trace.ts'
import { followingOf, lookAhead, startReading } from '../call-context.ts'
import { etaView, isOpen, stateOf, taskView } from '../report.ts'
import { retrySync } from '../retry-sync.ts'
import { StartSync, startSync } from '../start-sync.ts'
import { traceIdOf, traceUrlOf } from '../trace-url.ts'
import { wordsFor } from '../words.ts'
import { paged } from './query.ts'
import { notFound, type Route, route } from './route.ts'

const started = (id: string) => ({ id, url: `/v1/syncs/${id}` })

const traceView = (
  { traceparent, created_at, finished_at, steps, ...task }: TaskTrace,
  traceUrl: string | undefined,
) => ({
  ...task,
  trace_id: traceIdOf(traceparent),
  trace_url: traceUrlOf(traceUrl, traceparent),
  asked_at: created_at.toISOString(),
  finished_at: finished_at?.toISOString() ?? null,
  steps: steps.map(({ at, until, ...step }) => ({
    ...step,
    at: at.toISOString(),
    until: until?.toISOString() ?? null,
  })),
})

export const syncRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/syncs',
    summary: 'Sync an account now, or many; they are followed from then on',
    scope: 'sync',
    isForClients: true,
    // The sync job itself is stored with the Idempotency-Key.
    isKept: false,
    body: StartSync,
    status: 202,
    answer: Started,
    location: ({ url }) => url,
    serve: async ({ body, idempotencyKey, ...served }) => {
      const asking = { ...(await followingOf(served)), actor: served.caller.name, key: idempotencyKey }
      const { jobId, platforms } = await startSync(served.db, body, asking)
      for (const platform of platforms) await startReading(served, platform, [jobId])
      return started(jobId)
    },
  }),
  route({
    method: 'GET',
    path: '/v1/syncs',
    cachedS: 5,
    summary: 'Syncs asked for, the newest first',
    scope: 'read',
    isForClients: true,
    query: Page.extend({ origin: Origin.optional() }),
    status: 200,
    answer: listOf(SyncLine),
    serve: async ({ db, query, caller: { reach } }) => {
      const { items, next } = paged(await listJobs(db, { ...query, reach }), query.limit)
      return {
        next,
        items: items.map(({ states, created_at, ...job }) => ({
          ...job,
          created_at: created_at.toISOString(),
          state: stateOf(states),
        })),
      }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/syncs/{id}',
    cachedS: 2,
    summary: 'Where a sync stands, and what it waits for',
    scope: 'read',
    isForClients: true,
    status: 200,
    answer: SyncView,
    serve: async ({ id, ...served }) => {
      const { db } = served
      const report = await reportOfJob(db, id, served.caller.reach)
      if (!report) throw notFound('such sync')
      const { job, states, tasks } = report
      const { origin, mode } = job
      const state = stateOf(states)
      const words = await wordsFor(served.language)
      return {
        ...{ id: job.id, state, origin, mode },
        created_at: job.created_at.toISOString(),
        finished_at: isOpen(state) ? null : (job.finished_at?.toISOString() ?? null),
        now: job.now.toISOString(),
        accounts: states.reduce((sum, { count }) => sum + count, 0),
        tasks: tasks.map((task) => taskView(task, served.settings.traceUrl, words)),
        eta: isOpen(state) && job.is_whole ? etaView(await lookAhead(served, id, words)) : null,
      }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/syncs/{id}/trace',
    summary: 'What happened when, of each account of a sync, and where its trace is',
    scope: 'read',
    isForClients: true,
    status: 200,
    answer: TraceView,
    serve: async ({ db, id, settings, caller }) => {
      const found = await traceOf(db, id, caller.reach)
      if (!found) throw notFound('such sync')
      return {
        now: found.now.toISOString(),
        tasks: found.tasks.map((task) => traceView(task, settings.traceUrl)),
      }
    },
  }),
  route({
    method: 'POST',
    path: '/v1/syncs/{id}/cancel',
    summary: 'Cancel a sync; what others wait for too goes on for them',
    scope: 'sync',
    isForClients: true,
    status: 200,
    answer: Cancelled,
    serve: async ({ db, id, caller, sayEnded }) => {
      const done = await cancelJob(db, id, { actor: caller.name, reach: caller.reach })
      if (!done) throw notFound('such sync')
      await sayEnded(done.cancelled)
      return { cancelled: done.cancelled.length, shared: done.shared }
    },
  }),
  route({
    method: 'POST',
    path: '/v1/syncs/{id}/retry',
    summary:
      'Ask again for the accounts of a sync that failed or were cancelled; parked work is redriven instead',
    scope: 'sync',
    isForClients: true,
    // The sync job itself is stored with the Idempotency-Key.
    isKept: false,
    status: 202,
    answer: Started,
    location: ({ url }) => url,
    serve: async ({ id, idempotencyKey, ...served }) => {
      const { name: actor, reach } = served.caller
      const asking = { actor, reach, key: idempotencyKey }
      const { jobId, platforms } = await retrySync(served.db, id, asking)
      for (const platform of platforms) await startReading(served, platform, [jobId])
      return started(jobId)
    },
  }),
]
