import * as z from 'zod'
import { removeGivenUp } from '#shared/db/body-store.ts'
import { eraseAccount } from '#shared/db/operations/erase.ts'
import { note } from '#shared/db/tables/audit-log.ts'
import { type AccountLine, accountLine, changeAccount, listAccounts } from '#shared/db/views/account-list.ts'
import { Problem } from '#shared/http/problem.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { AccountView, Erased, Status } from '../api/account.ts'
import { Id, listOf, Page } from '../api/page.ts'
import { followingOf, hashHandleOf, startReading } from '../call-context.ts'
import { EraseAccount, erase } from '../erase-account.ts'
import { FollowAccount, follow } from '../follow.ts'
import { StoreTokens, storeTokens } from '../store-tokens.ts'
import { notFound, paged, type Route, route } from './route.ts'

const viewOf = ({ next_sync_at, seen_at, status, ...line }: AccountLine): z.input<typeof AccountView> => ({
  ...line,
  status: Status.parse(status),
  next_sync_at: next_sync_at?.toISOString() ?? null,
  seen_at: seen_at?.toISOString() ?? null,
})

/** What was found; a Problem 404 when nothing was. */
function found<Found>(one: Found | undefined): Found {
  if (one === undefined) throw notFound('such account')
  return one
}

export const accountRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/accounts',
    cachedS: 5,
    summary: 'Accounts that are followed',
    scope: 'read',
    query: Page.extend({
      platform: PlatformName.optional(),
      status: Status.optional(),
      handle: z
        .string()
        .max(300)
        .transform((handle) => handle.replace(/^@/, ''))
        .optional(),
    }),
    status: 200,
    answer: listOf(AccountView),
    serve: async ({ db, query }) => {
      const { items, next } = paged(await listAccounts(db, query), query.limit)
      return { items: items.map(viewOf), next }
    },
  }),
  route({
    method: 'POST',
    path: '/v1/accounts',
    summary: 'Follow an account, by its handle or the address of its page; it is synced within minutes',
    scope: 'sync',
    body: FollowAccount,
    status: 201,
    answer: AccountView,
    location: ({ id }) => `/v1/accounts/${id}`,
    serve: async ({ body, ...served }) => {
      const following = await followingOf(served)
      const line = await served.db.transaction(async (tx) => {
        const id = await follow(tx, body, following)
        await changeAccount(tx, id, { sync_every_minutes: body.sync_every_minutes })
        await note(tx, { actor: served.caller.name, action: 'follow', about: `account ${id}`, details: {} })
        return accountLine(tx, id)
      })
      return viewOf(found(line))
    },
  }),
  route({
    method: 'GET',
    path: '/v1/accounts/{id}',
    cachedS: 5,
    summary: 'One account: how often it is synced, its status, and the reason for that status',
    scope: 'read',
    status: 200,
    answer: AccountView,
    serve: async ({ db, id }) => {
      return viewOf(found(await accountLine(db, id)))
    },
  }),
  route({
    method: 'PATCH',
    path: '/v1/accounts/{id}',
    summary: 'Change how often an account is synced; pause or resume it',
    scope: 'sync',
    body: z.strictObject({
      sync_every_minutes: z
        .int()
        .min(5)
        .max(60 * 24 * 30)
        .optional(),
      paused: z.boolean().optional(),
    }),
    status: 200,
    answer: AccountView,
    serve: async ({ db, id, body, caller }) => {
      const line = await db.transaction(async (tx) => {
        if (!(await changeAccount(tx, id, body))) return undefined
        await note(tx, { actor: caller.name, action: 'change', about: `account ${id}`, details: body })
        return accountLine(tx, id)
      })
      return viewOf(found(line))
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/accounts/{id}',
    summary: 'Erase an account with everything known of it',
    scope: 'admin',
    status: 200,
    answer: Erased.omit({ remembered: true }),
    serve: async ({ id, ...served }) => {
      const as = { actor: served.caller.name, hashHandle: await hashHandleOf(served) }
      const erased = found(await eraseAccount(served.db, id, as))
      await removeGivenUp(served, served.signal, erased.pages)
      return erased
    },
  }),
  route({
    method: 'POST',
    path: '/v1/erasures',
    summary: 'Erase an account by its name, with rows of it that were followed twice',
    scope: 'admin',
    body: EraseAccount,
    status: 200,
    answer: Erased,
    serve: async ({ body, ...served }) => {
      const { remembered, ...erased } = await erase(served.db, body, {
        actor: served.caller.name,
        hashHandle: await hashHandleOf(served),
      })
      await removeGivenUp(served, served.signal, erased.pages)
      return { ...erased, remembered: [...remembered] }
    },
  }),
  route({
    method: 'POST',
    path: '/v1/credentials',
    summary: 'Hand over the tokens of a consent; no answer ever shows them',
    scope: 'admin',
    body: StoreTokens,
    status: 201,
    answer: z.object({ platform: PlatformName, account_id: Id.nullable() }),
    serve: async ({ body, ...served }) => {
      const { db, dataKey } = served
      if (!dataKey) throw new Problem(503, 'not_configured', 'there is no data key, so no token can be kept')
      const stored = await storeTokens(db, body, {
        actor: served.caller.name,
        dataKey: await dataKey(),
        hashHandle: await hashHandleOf(served),
      })
      await startReading(served, body.platform)
      return { platform: body.platform, ...stored }
    },
  }),
]
