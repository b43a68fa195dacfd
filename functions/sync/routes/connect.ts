import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { Queryable } from '#shared/db/pool.ts'
import { holdOwned } from '#shared/db/tables/account-owners.ts'
import { note } from '#shared/db/tables/audit-log.ts'
import { onlyClient } from '#shared/db/tables/clients.ts'
import { endLinkEarly, listLinks, makeLink } from '#shared/db/tables/connect-links.ts'
import type { Platform } from '#shared/model/account.ts'
import { platformOf } from '#shared/platforms/index.ts'
import { ConnectPlace, ConnectQuery, connectable, LinkMade, LinkView, MakeLink } from '../api/connect.ts'
import { Id, itemsOf, listOf, Page } from '../api/page.ts'
import type { Caller } from '../caller.ts'
import { beginConsent, consentOf, hashOfSecret, redirectOf } from '../connect/begin.ts'
import { outOfReach, unnamedClient } from '../follow-many.ts'
import { ownersNamed } from '../owners.ts'
import { paged } from './query.ts'
import { notFound, type Route, route } from './route.ts'

interface Asked {
  readonly client?: string | undefined
  readonly account_id?: string | undefined
}

/** For whom, and which account, as far as the caller reaches. Throws a Problem. */
async function askedFor(tx: Queryable, platform: Platform, { client, account_id }: Asked, { reach }: Caller) {
  const { client_id } = await ownersNamed(tx, client === undefined ? {} : { client }, reach)
  if (account_id === undefined) {
    const only = await onlyClient(tx, reach)
    if (only === undefined) throw outOfReach('client', 'there is no such client')
    if (!client_id && reach !== null && only === null) throw unnamedClient()
    return { platform, client_id: client_id ?? only, account_id: null }
  }
  const account = (await holdOwned(tx, [account_id], reach)).get(account_id)
  if (!account?.is_reached || account.platform !== platform)
    throw outOfReach('account_id', `there is no such account on ${platformOf(platform).title}`)
  return { platform, client_id: client_id ?? account.client_id, account_id }
}

export const connectRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/connect',
    summary: 'Platforms whose owners grant access, and the addresses to register with each',
    scope: 'read',
    isForClients: true,
    status: 200,
    answer: itemsOf(ConnectPlace),
    serve: async ({ origin, ...served }) => ({
      items: connectable.map((platform) => {
        const said = (what: string) =>
          platform === 'instagram' ? `${origin}/v1/connect/${platform}/${what}` : null
        return {
          platform,
          is_set_up: served.dataKey !== null && served.consentOf(platform) !== null,
          redirect: redirectOf(origin, platform),
          deauthorize: said('deauthorize'),
          deletion: said('deletion'),
        }
      }),
    }),
  }),
  ...connectable.map((platform) =>
    route({
      method: 'GET',
      path: `/v1/connect/${platform}`,
      summary: `Where the owner of ${platformOf(platform).title} accounts who sits here grants access; good for ten minutes`,
      scope: 'sync',
      isForClients: true,
      query: ConnectQuery,
      status: 200,
      answer: z.object({ url: z.string() }),
      serve: async ({ query, origin, ...served }) => {
        const { db, caller } = served
        const asked = await db.transaction((tx) => askedFor(tx, platform, query, caller))
        return { url: await beginConsent(served, origin, { ...asked, asked_by: caller.name, link_id: null }) }
      },
    }),
  ),
  route({
    method: 'POST',
    path: '/v1/connect-links',
    summary:
      'Make a link by which the owner of an account grants access, without a login here; it works once',
    scope: 'sync',
    isForClients: true,
    body: MakeLink,
    status: 201,
    // A link is shown once and not stored for a repetition.
    isKept: false,
    answer: LinkMade,
    serve: async ({ body, origin, ...served }) => {
      const { db, caller } = served
      const { platform, expires_in_hours: hours } = body
      await consentOf(served, platform)
      const token = randomBytes(24).toString('base64url')
      const made = await db.transaction(async (tx) => {
        const asked = await askedFor(tx, platform, body, caller)
        const link = await makeLink(
          tx,
          { ...asked, made_by: caller.name },
          { token_hash: hashOfSecret(token), hours },
        )
        const details = { platform, account_id: asked.account_id }
        await note(tx, { actor: caller.name, action: 'make connect link', about: `link ${link.id}`, details })
        return link
      })
      return { id: made.id, url: `${origin}/connect/${token}`, expires_at: made.expires_at.toISOString() }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/connect-links',
    summary: 'Links that owners were given, the newest first, and how each went',
    scope: 'read',
    isForClients: true,
    query: Page,
    status: 200,
    answer: listOf(LinkView),
    serve: async ({ db, caller, query: { after, limit } }) => {
      const { items, next } = paged(await listLinks(db, caller.reach, after, limit), limit)
      return {
        next,
        items: items.map(({ created_at, expires_at, ...link }) => ({
          ...link,
          created_at: created_at.toISOString(),
          expires_at: expires_at.toISOString(),
        })),
      }
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/connect-links/{id}',
    summary: 'Take a link back: it opens nothing any more',
    scope: 'sync',
    isForClients: true,
    status: 200,
    answer: z.object({ id: Id }),
    serve: async ({ db, id, caller }) => {
      if (!(await endLinkEarly(db, id, caller.reach))) throw notFound('such link')
      return { id }
    },
  }),
]
