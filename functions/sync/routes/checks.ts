import { quotaStandings } from '#shared/db/views/quota.ts'
import { invariantNames, verify } from '#shared/db/views/verify.ts'
import { Health, QuotaView, Verified } from '../api/checks.ts'
import { itemsOf } from '../api/page.ts'
import { type Route, route } from './route.ts'

export const checkRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/health',
    summary: 'Whether the function and its database work, and whether a platform refuses the app',
    scope: 'open',
    status: 200,
    answer: Health,
    serve: ({ health }) => health(),
  }),
  route({
    method: 'GET',
    path: '/v1/verify',
    summary: 'Check every invariant of the ledger now, and list those that are violated or were not checked',
    scope: 'read',
    status: 200,
    answer: Verified,
    serve: async ({ db, signal }) => {
      const findings = await verify(db, signal)
      return {
        ok: findings.length === 0,
        invariants: [...invariantNames],
        findings: findings.map(({ sample, ...finding }) => ({ ...finding, sample: [...sample] })),
      }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/quota',
    cachedS: 5,
    summary: 'Quotas that were used in the last day: what counts at this moment, and what holds them up',
    scope: 'read',
    status: 200,
    answer: itemsOf(QuotaView),
    serve: async ({ db }) => {
      const rows = await quotaStandings(db)
      return {
        items: rows.map(({ window_start, blocked_until, ...window }) => ({
          ...window,
          window_start: window_start.toISOString(),
          blocked_until: blocked_until?.toISOString() ?? null,
        })),
      }
    },
  }),
]
