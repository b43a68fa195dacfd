import * as z from 'zod'
import { note } from '#shared/db/tables/audit-log.ts'
import { confirmDeletions } from '#shared/db/tables/post-status.ts'
import { heldDeletions } from '#shared/db/views/held-deletions.ts'
import { quarantinedCauses, troubledFields } from '#shared/db/views/records.ts'
import { Problem } from '#shared/http/problem.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { Id, itemsOf } from '../api/page.ts'
import { Deleted, FieldView, HeldView, QuarantinedView } from '../api/records.ts'
import { type Route, route } from './route.ts'

const Issues = z.array(z.object({ path: z.string(), message: z.string() })).catch([])

/** Records that validation refused, fields that it left out, and posts that would be deleted many at once. */
export const recordRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/quarantined',
    cachedS: 5,
    summary:
      'Records that validation refused, by their cause, the most frequent first; the rest of their pages went on',
    scope: 'read',
    isForClients: true,
    status: 200,
    answer: itemsOf(QuarantinedView),
    serve: async ({ db, caller }) => ({
      items: (await quarantinedCauses(db, caller.reach)).map(({ newest, issues, ...cause }) => ({
        ...cause,
        newest: newest.toISOString(),
        faults: Issues.parse(JSON.parse(issues)).map(({ path, message }) =>
          path ? `${path}: ${message}` : message,
        ),
      })),
    }),
  }),
  route({
    method: 'GET',
    path: '/v1/held-deletions',
    cachedS: 5,
    summary:
      'Posts that are not found any more, so many of an account at once that a person decides whether they are deleted',
    scope: 'read',
    isForClients: true,
    status: 200,
    answer: itemsOf(HeldView),
    serve: async ({ db, caller }) => ({
      items: (await heldDeletions(db, caller.reach)).map(({ since, platform, ...held }) => ({
        ...held,
        platform: PlatformName.parse(platform),
        since: since.toISOString(),
      })),
    }),
  }),
  route({
    method: 'POST',
    path: '/v1/held-deletions/confirm',
    summary:
      'Say that the posts held of an account are deleted; those that are seen again come back by themselves',
    scope: 'sync',
    isForClients: true,
    body: z.strictObject({ account_id: Id }),
    status: 200,
    answer: Deleted,
    serve: async ({ db, body, caller }) => {
      const deleted = await db.transaction(async (tx) => {
        const count = await confirmDeletions(tx, body.account_id, caller.reach)
        if (count === 0) throw new Problem(404, 'not_found', 'no deletion of this account is held')
        const details = { posts: count }
        await note(tx, {
          actor: caller.name,
          action: 'confirm deletions',
          about: `account ${body.account_id}`,
          details,
        })
        return count
      })
      return { deleted }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/record-issues',
    cachedS: 5,
    summary:
      'Fields that are not as their platform documents them, the most frequent first; their records are kept',
    scope: 'read',
    isForClients: true,
    status: 200,
    answer: itemsOf(FieldView),
    serve: async ({ db, caller }) => ({
      items: (await troubledFields(db, caller.reach)).map(({ first_at, last_at, ...field }) => ({
        ...field,
        first_at: first_at.toISOString(),
        last_at: last_at.toISOString(),
      })),
    }),
  }),
]
