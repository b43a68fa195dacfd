import * as z from 'zod'
import { accountLine } from '#shared/db/views/account-list.ts'
import { timelineOf } from '#shared/db/views/timeline.ts'
import { Lane } from '#shared/model/sync.ts'
import { Id, listOf, notFound, Page, paged, type Route, route } from './route.ts'

export const TimelineEntry = z.object({
  id: Id.describe('of the task'),
  sync_id: Id.nullable().describe('the request that asked for it; null: upkeep of the schedule'),
  status: z.string(),
  reason: z.string().nullable(),
  mode: z.enum(['refresh', 'incremental', 'full']),
  lane: Lane,
  asked_at: z.iso.datetime(),
  walked_at: z.iso.datetime().nullable().describe('when the platform had been asked for everything'),
  finished_at: z.iso.datetime().nullable(),
  pages: z.int(),
  parked: z.int(),
  records: z.int(),
  quarantined: z.int(),
  last_error: z.string().nullable(),
})

export const timelineRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/accounts/{id}/syncs',
    summary: 'Syncs of one account, the newest first: how each went, and how long it took',
    scope: 'read',
    query: Page,
    status: 200,
    answer: listOf(TimelineEntry),
    serve: async ({ db, id, query }) => {
      if (!(await accountLine(db, id))) throw notFound('such account')
      const { items, next } = paged(await timelineOf(db, id, query), query.limit)
      return {
        next,
        items: items.map(({ created_at, walk_ended_at, finished_at, ...entry }) => ({
          ...entry,
          asked_at: created_at.toISOString(),
          walked_at: walk_ended_at?.toISOString() ?? null,
          finished_at: finished_at?.toISOString() ?? null,
        })),
      }
    },
  }),
]
