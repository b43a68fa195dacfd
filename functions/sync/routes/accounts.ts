import * as z from 'zod'
import { unfollow } from '#shared/db/operations/unfollow.ts'
import type { Queryable } from '#shared/db/pool.ts'
import { changeAccount } from '#shared/db/tables/account-change.ts'
import { goOnFollowing, holdOwned } from '#shared/db/tables/account-owners.ts'
import { note } from '#shared/db/tables/audit-log.ts'
import { accountLine, accountSorts, listAccounts } from '#shared/db/views/account-list.ts'
import { accountView } from '../account-view.ts'
import { AccountQuery, AccountView, ChangeAccount, Unfollowed, UnfollowMany } from '../api/account.ts'
import { sortedListOf } from '../api/page.ts'
import type { Caller } from '../caller.ts'
import { ownersNamed } from '../owners.ts'
import { placeOf, sortedPage } from './query.ts'
import { notFound, type Route, route } from './route.ts'

/** What was found; a Problem 404 when nothing was. */
function found<Found>(one: Found | undefined): Found {
  if (one === undefined) throw notFound('such account')
  return one
}

const lineOf = async (db: Queryable, id: string, { reach }: Caller) =>
  accountView(found(await accountLine(db, id, reach)))

/** Holds an account for the rest of the transaction. Throws a Problem 404. */
async function hold(tx: Queryable, id: string, { reach }: Caller): Promise<void> {
  const account = (await holdOwned(tx, [id], reach)).get(id)
  if (!account?.is_reached) throw notFound('such account')
}

type SortName = keyof typeof accountSorts

export const accountRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/accounts',
    cachedS: 5,
    summary: 'Accounts that are on record: searched, filtered, sorted',
    scope: 'read',
    isForClients: true,
    query: AccountQuery,
    status: 200,
    answer: sortedListOf(AccountView),
    serve: async ({ db, caller, query: { after, limit, sort, ...filter } }) => {
      const by = sort?.replace(/^-/, '') as SortName | undefined
      const place = placeOf(after, by && accountSorts[by].fits)
      const order = { by, isDescending: sort?.startsWith('-') ?? false, after: place }
      const rows = await listAccounts(db, { ...filter, reach: caller.reach }, order, limit)
      const { items, next } = sortedPage(rows, limit)
      return { items: items.map(({ sort_key: _key, ...line }) => accountView(line)), next }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/accounts/{id}',
    cachedS: 5,
    summary: 'One account: how often it is synced, its status, and the reason for that status',
    scope: 'read',
    isForClients: true,
    status: 200,
    answer: AccountView,
    serve: async ({ db, id, caller }) => lineOf(db, id, caller),
  }),
  route({
    method: 'PATCH',
    path: '/v1/accounts/{id}',
    summary: 'Change how often an account is synced, its client, brand or tags; pause or resume it',
    scope: 'sync',
    isForClients: true,
    body: ChangeAccount,
    status: 200,
    answer: AccountView,
    serve: async ({ db, id, body, caller }) =>
      db.transaction(async (tx) => {
        await hold(tx, id, caller)
        await changeAccount(tx, id, { ...body, ...(await ownersNamed(tx, body, caller.reach)) })
        await note(tx, { actor: caller.name, action: 'change', about: `account ${id}`, details: body })
        return lineOf(tx, id, caller)
      }),
  }),
  route({
    method: 'POST',
    path: '/v1/accounts/{id}/unfollow',
    summary: 'Stop following an account: its rows stay, and following it again goes on from there',
    scope: 'sync',
    isForClients: true,
    status: 200,
    answer: AccountView,
    serve: async ({ db, id, caller, sayEnded }) => {
      const { before, ended } = await unfollow(db, [id], { actor: caller.name, reach: caller.reach })
      if (!before.has(id)) throw notFound('such account')
      await sayEnded(ended)
      return lineOf(db, id, caller)
    },
  }),
  route({
    method: 'POST',
    path: '/v1/accounts/{id}/follow',
    summary: 'Follow an account again that is unfollowed: it goes on from where it was, with all its rows',
    scope: 'sync',
    isForClients: true,
    status: 200,
    answer: AccountView,
    serve: async ({ db, id, caller }) =>
      db.transaction(async (tx) => {
        await hold(tx, id, caller)
        const nothing = { access_mode: null, client_id: null, brand_id: null, tags: [] }
        await goOnFollowing(tx, [{ id, ...nothing }])
        await note(tx, { actor: caller.name, action: 'follow', about: `account ${id}`, details: {} })
        return lineOf(tx, id, caller)
      }),
  }),
  route({
    method: 'POST',
    path: '/v1/accounts/unfollow',
    summary: 'Stop following up to a thousand accounts; each gets its answer, in its place',
    scope: 'sync',
    isForClients: true,
    body: UnfollowMany,
    status: 200,
    answer: z.object({ results: z.array(Unfollowed) }),
    serve: async ({ db, body, caller, sayEnded }) => {
      const asked = { actor: caller.name, reach: caller.reach }
      const { before, ended } = await unfollow(db, body.account_ids, asked)
      await sayEnded(ended)
      const statusOf = (id: string) => {
        const was = before.get(id)
        if (was === undefined) return 'not_found' as const
        return was === 'unfollowed' ? ('known' as const) : ('unfollowed' as const)
      }
      return {
        results: body.account_ids.map((account_id, index) => ({
          index,
          account_id,
          status: statusOf(account_id),
        })),
      }
    },
  }),
]
