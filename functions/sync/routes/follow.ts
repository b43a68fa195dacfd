import type * as z from 'zod'
import { changeAccount } from '#shared/db/tables/account-change.ts'
import { note } from '#shared/db/tables/audit-log.ts'
import { accountLine } from '#shared/db/views/account-list.ts'
import { Problem, problemBody } from '#shared/http/problem.ts'
import { accountView } from '../account-view.ts'
import { AccountView } from '../api/account.ts'
import { FollowedMany, FollowMany, type LineResult } from '../api/follow.ts'
import { followingOf } from '../call-context.ts'
import { FollowAccount } from '../follow.ts'
import { accountOf, followMany, type Outcome } from '../follow-many.ts'
import { type CallContext, notFound, type Route, route } from './route.ts'

type Read = z.output<typeof FollowMany>

async function followLines(context: CallContext, { accounts, client }: Read) {
  const following = await followingOf(context)
  const wanted = accounts.flatMap(({ wanted: one }) =>
    one ? [{ ...one, client: one.client ?? client }] : [],
  )
  const outcomes = await context.db.transaction(async (tx) => {
    const done = await followMany(tx, wanted, following)
    const ids = done.flatMap((one) => (one.status === 'followed' ? [one.account.id] : []))
    const details = { accounts: ids }
    if (ids.length > 0)
      await note(tx, { actor: context.caller.name, action: 'follow', about: 'accounts', details })
    return done
  })
  const read = outcomes.values()
  return accounts.map(({ fields }, index): z.input<typeof LineResult> => {
    if (!fields) return { index, ...resultOf(read.next().value as Outcome) }
    const problem = new Problem(400, 'invalid_line', 'the line does not name an account', fields)
    return { index, status: 'refused', problem: problemBody(problem) }
  })
}

function resultOf(outcome: Outcome): Omit<z.input<typeof LineResult>, 'index'> {
  const { status } = outcome
  if (status === 'refused') return { status, problem: problemBody(outcome.problem) }
  const { id, platform, handle, native_id } = outcome.account
  return { status, account: { id, platform, handle, native_id } }
}

/** Some gateways take no colon in a path. */
const batchPaths = ['/v1/accounts:batch', '/v1/accounts/batch'] as const

export const followRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/accounts',
    summary: 'Follow an account, by its handle or the address of its page; it is synced within minutes',
    scope: 'sync',
    isForClients: true,
    body: FollowAccount,
    status: 201,
    answer: AccountView,
    location: ({ id }) => `/v1/accounts/${id}`,
    serve: async ({ body, ...served }) => {
      const following = await followingOf(served)
      const { sync_every_minutes } = body
      const line = await served.db.transaction(async (tx) => {
        const [outcome] = await followMany(tx, [body], following)
        const { id } = accountOf(outcome)
        await changeAccount(tx, id, { sync_every_minutes })
        await note(tx, { actor: served.caller.name, action: 'follow', about: `account ${id}`, details: {} })
        return accountLine(tx, id, served.caller.reach)
      })
      if (!line) throw notFound('such account')
      return accountView(line)
    },
  }),
  ...batchPaths.map((path) =>
    route({
      method: 'POST',
      path,
      summary:
        'Follow up to a thousand accounts; each line gets its answer, in its place, and stops no other',
      scope: 'sync',
      isForClients: true,
      checksText: true,
      body: FollowMany,
      status: 200,
      answer: FollowedMany,
      serve: async ({ body, ...served }) => ({ results: await followLines(served, body) }),
    }),
  ),
]
