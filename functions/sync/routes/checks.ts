import { sql } from '#shared/db/sql.ts'
import { type OpenFault, openFaults } from '#shared/db/tables/app-faults.ts'
import { isCurrent } from '#shared/db/views/gauges.ts'
import { invariantNames, verify } from '#shared/db/views/verify.ts'
import { Problem } from '#shared/http/problem.ts'
import { Health, QuotaView, Verified } from '../api/checks.ts'
import { itemsOf } from '../api/page.ts'
import { type Route, route } from './route.ts'

export const faultView = ({ platform, access_mode, message, remedy, since }: OpenFault) => ({
  ...{ platform, access_mode, message, remedy },
  since: since.toISOString(),
})

export const checkRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/health',
    summary: 'Whether the function and its database work, and whether a platform refuses the app',
    scope: 'open',
    status: 200,
    answer: Health,
    serve: async ({ db, log }) => {
      try {
        const [row] = await db.rows<{ name: string }>(sql`select max(name) as name from schema_migrations`)
        const faults = (await openFaults(db)).map(faultView)
        const status = faults.length > 0 ? ('app_refused' as const) : ('ok' as const)
        return { status, schema: row?.name ?? '', faults }
      } catch (error) {
        log.error({ error }, 'the database cannot be asked')
        throw new Problem(503, 'unavailable', 'the database cannot be asked')
      }
    },
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
    summary: 'Quotas that were used in the last day: what counts at this moment, and what holds them up',
    scope: 'read',
    status: 200,
    answer: itemsOf(QuotaView),
    serve: async ({ db }) => {
      const rows = await db.rows<{
        pool: string
        window_start: Date
        used: number
        limit: number
        blocked_until: Date | null
      }>(sql`
        select pool, coalesce(min(window_start) filter (where ${isCurrent}), max(window_start)) as window_start,
          coalesce(sum(used) filter (where ${isCurrent}), 0)::int as used, max("limit") as "limit",
          max(blocked_until) filter (where blocked_until > app_now()) as blocked_until
        from quota_windows where window_start > app_now() - interval '25 hours' and pool not like 'api.%'
        group by pool order by pool`)
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
