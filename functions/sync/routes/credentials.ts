import * as z from 'zod'
import { type CredentialLine, listCredentials } from '#shared/db/views/credential-list.ts'
import { Problem } from '#shared/http/problem.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { CredentialView } from '../api/connect.ts'
import { Id, listOf, Page } from '../api/page.ts'
import { hashHandleOf, startReading } from '../call-context.ts'
import { StoreTokens, storeTokens } from '../store-tokens.ts'
import { paged } from './query.ts'
import { type Route, route } from './route.ts'

export const credentialView = ({
  scopes,
  status,
  created_at,
  renewed_at,
  ends_at,
  ...line
}: CredentialLine) => ({
  ...line,
  status: CredentialView.shape.status.parse(status),
  scopes: [...scopes],
  created_at: created_at.toISOString(),
  renewed_at: renewed_at?.toISOString() ?? null,
  ends_at: ends_at?.toISOString() ?? null,
})

export const credentialRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/credentials',
    cachedS: 5,
    summary: 'Consents of owners and shared tokens: what they allow, when they end; never the tokens',
    scope: 'read',
    isForClients: true,
    query: Page,
    status: 200,
    answer: listOf(CredentialView),
    serve: async ({ db, caller, query: { after, limit } }) => {
      const { items, next } = paged(await listCredentials(db, caller.reach, after ?? '0', limit), limit)
      return { items: items.map(credentialView), next }
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
