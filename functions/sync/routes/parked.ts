import * as z from 'zod'
import { dropParked, redrivePages } from '#shared/db/operations/intervene.ts'
import { bodyOfPage, listParked, type ParkedPage, parkedCauses } from '#shared/db/views/parked.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { Id, itemsOf, listOf, Page } from '../api/page.ts'
import { Dropped, ParkedCause, ParkedView, Redriven } from '../api/parked.ts'
import { overBatches } from './over-batches.ts'
import { paged } from './query.ts'
import { type CallContext, notFound, type Route, route } from './route.ts'

const viewOf = ({ parked_at, ...page }: ParkedPage) => ({
  ...page,
  parked_at: parked_at?.toISOString() ?? null,
})

const Time = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
const Filter = z.object({
  platform: PlatformName.optional(),
  reason: z.string().max(100).optional(),
  endpoint: z.string().max(100).optional(),
  account_id: Id.optional(),
  since: Time.optional(),
  before: Time.optional(),
})

const Chosen = z.strictObject({ ...Filter.shape, dry_run: z.boolean().default(false) })

export const parkedRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/parked',
    cachedS: 5,
    summary: 'Pages that wait for a person, with their causes',
    scope: 'read',
    isForClients: true,
    query: Page.extend(Filter.shape),
    status: 200,
    answer: listOf(ParkedView),
    serve: async ({ db, query, caller: { reach } }) => {
      const { items, next } = paged(
        await listParked(db, { ...query, reach }, query.after ?? '0', query.limit + 1),
        query.limit,
      )
      return { items: items.map(viewOf), next }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/parked/causes',
    cachedS: 5,
    summary: 'What is parked, by its cause, the most frequent first',
    scope: 'read',
    isForClients: true,
    status: 200,
    answer: itemsOf(ParkedCause),
    serve: async ({ db, caller }) => ({
      items: (await parkedCauses(db, caller.reach)).map(({ oldest, ...cause }) => ({
        ...cause,
        oldest: oldest?.toISOString() ?? null,
      })),
    }),
  }),
  route({
    method: 'GET',
    path: '/v1/pages/{id}/body',
    summary: 'The beginning of an answer as it came',
    scope: 'read',
    isForClients: true,
    status: 200,
    answer: z.object({ body: z.string().describe('up to 20,000 characters') }),
    serve: async ({ db, bodies, id, caller: { reach } }) => {
      const body = await bodyOfPage(db, bodies, id, { most: 20_000, reach })
      if (body === null) throw notFound('body of such a page')
      return { body }
    },
  }),
  route({
    method: 'POST',
    path: '/v1/parked/redrive',
    summary: 'Process parked pages again; with dry_run only show which',
    scope: 'sync',
    isForClients: true,
    body: Chosen,
    status: 200,
    answer: Redriven,
    serve: async ({ body, ...served }) => {
      const { db, caller, ringTransform } = served
      const redrive = (ids: readonly string[]) => redrivePages(db, ids, caller.name)
      const { changed, done } = await overParked(served, body, redrive)
      if (changed > 0) await ringTransform([{ v: 1, kind: 'transform' }])
      return { ...done, redriven: changed }
    },
  }),
  route({
    method: 'POST',
    path: '/v1/parked/drop',
    summary:
      'Drop parked pages of one cause, whose records then never become rows; with dry_run only show which',
    scope: 'sync',
    isForClients: true,
    body: Chosen.required({ reason: true }),
    status: 200,
    answer: Dropped,
    serve: async ({ body, ...served }) => {
      const drop = (ids: readonly string[]) => dropParked(served.db, ids, served.caller.name)
      const { changed, done } = await overParked(served, body, drop)
      return { ...done, dropped: changed }
    },
  }),
]

const overParked = async (
  { db, signal, caller: { reach } }: Pick<CallContext, 'db' | 'signal' | 'caller'>,
  { dry_run: isDry, ...filter }: z.output<typeof Chosen>,
  change: (ids: readonly string[]) => Promise<readonly string[]>,
) => {
  const list = (after: string, limit: number) => listParked(db, { ...filter, reach }, after, limit)
  const { sample, changed, ...done } = await overBatches({ signal, isDry, list, change })
  return { changed, done: { ...done, sample: sample.map(viewOf) } }
}
