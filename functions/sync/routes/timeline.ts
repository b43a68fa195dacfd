import { accountLine } from '#shared/db/views/account-list.ts'
import { timelineOf } from '#shared/db/views/timeline.ts'
import { listOf, Page } from '../api/page.ts'
import { TimelineEntry } from '../api/timeline.ts'
import { paged } from './query.ts'
import { notFound, type Route, route } from './route.ts'

export const timelineRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/accounts/{id}/syncs',
    cachedS: 5,
    summary: 'Syncs of one account, the newest first: how each went, and how long it took',
    scope: 'read',
    isForClients: true,
    query: Page,
    status: 200,
    answer: listOf(TimelineEntry),
    serve: async ({ db, id, query, caller }) => {
      if (!(await accountLine(db, id, caller.reach))) throw notFound('such account')
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
