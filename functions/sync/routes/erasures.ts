import * as z from 'zod'
import { removeGivenUp } from '#shared/db/body-store.ts'
import { eraseAccount } from '#shared/db/operations/erase.ts'
import { note } from '#shared/db/tables/audit-log.ts'
import { admitAgain } from '#shared/db/tables/erasures.ts'
import { Problem } from '#shared/http/problem.ts'
import { Erased } from '../api/account.ts'
import { Admitted, ErasedLine, EraseMany } from '../api/erasure.ts'
import { hashHandleOf } from '../call-context.ts'
import { AdmitAccount, EraseAccount, erase, RequestedBy } from '../erase-account.ts'
import { type CallContext, notFound, type Route, route } from './route.ts'

const asOf = async (served: CallContext, requestedBy: RequestedBy) => ({
  actor: served.caller.name,
  hashHandle: await hashHandleOf(served),
  requestedBy,
})

export const erasureRoutes: readonly Route[] = [
  route({
    method: 'DELETE',
    path: '/v1/accounts/{id}',
    summary: 'Erase an account with everything known of it; to keep its rows unfollow it instead',
    scope: 'admin',
    query: z.object({ requested_by: RequestedBy }),
    status: 200,
    answer: Erased.omit({ remembered: true }),
    serve: async ({ id, query, ...served }) => {
      const erased = await eraseAccount(served.db, id, await asOf(served, query.requested_by))
      if (!erased) throw notFound('such account')
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
      const { remembered, ...erased } = await erase(served.db, body, await asOf(served, body.requested_by))
      await removeGivenUp(served, served.signal, erased.pages)
      return { ...erased, remembered: [...remembered] }
    },
  }),
  route({
    method: 'POST',
    path: '/v1/erasures/batch',
    summary: 'Erase up to a hundred accounts by their numbers; each gets its answer, in its place',
    scope: 'admin',
    body: EraseMany,
    status: 200,
    answer: z.object({ results: z.array(ErasedLine) }),
    serve: async ({ body, ...served }) => {
      const as = await asOf(served, body.requested_by)
      const results: z.input<typeof ErasedLine>[] = []
      let pages = 0
      for (const [index, account_id] of body.account_ids.entries()) {
        const erased = served.signal.aborted ? null : await eraseAccount(served.db, account_id, as)
        pages += erased?.pages ?? 0
        const status = erased ? 'erased' : erased === null ? 'no_time' : 'not_found'
        results.push({ index, account_id, status, posts: erased?.posts ?? 0 })
      }
      await removeGivenUp(served, served.signal, pages)
      return { results }
    },
  }),
  route({
    method: 'POST',
    path: '/v1/admissions',
    summary:
      'Admit an account again that was erased by mistake; not after a request of its owner or the platform',
    scope: 'admin',
    body: AdmitAccount,
    status: 200,
    answer: Admitted,
    serve: async ({ body: { platform, handle, reason }, ...served }) => {
      const name = handle.replace(/^@/, '')
      const hashHandle = await hashHandleOf(served)
      await served.db.transaction(async (tx) => {
        const done = await admitAgain(tx, platform, name, hashHandle)
        if (done === 'unknown') throw notFound('erased account of this name')
        if (done === 'requested') throw requested()
        const details = { platform, reason }
        await note(tx, { actor: served.caller.name, action: 'admit', about: 'erased account', details })
      })
      return { platform, handle: name }
    },
  }),
]

function requested(): Problem {
  const message = 'its owner or the platform asked for this erasure: it is not admitted again'
  return new Problem(422, 'erased', message, [{ field: 'handle', message: 'erased on request' }])
}
