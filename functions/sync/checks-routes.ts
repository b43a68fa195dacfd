import * as z from 'zod'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/verify.ts'
import { Problem } from '#shared/http/problem.ts'
import { Id, type Route, route } from './route.ts'

export const checkRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/health',
    summary: 'Whether the function and its database work',
    scope: 'open',
    status: 200,
    answer: z.object({ status: z.literal('ok'), schema: z.string().describe('the newest migration') }),
    serve: async ({ ports }) => {
      try {
        const [row] = await ports.db.rows<{ name: string }>(
          sql`select max(name) as name from schema_migrations`,
        )
        return { status: 'ok' as const, schema: row?.name ?? '' }
      } catch (error) {
        ports.log.error({ error }, 'the database cannot be asked')
        throw new Problem(503, 'unavailable', 'the database cannot be asked')
      }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/verify',
    summary: 'Every promise of the ledger, checked now: those that are violated or could not be checked',
    scope: 'read',
    status: 200,
    answer: z.object({
      ok: z.boolean(),
      findings: z.array(
        z.object({
          name: z.string(),
          count: z.int().nullable().describe('null: there was no time to look'),
          sample: z.array(z.object({ id: Id, what: z.string() })),
        }),
      ),
    }),
    serve: async ({ ports, timeLeft }) => {
      const findings = await verify(ports.db, () => timeLeft(0.8))
      return {
        ok: findings.length === 0,
        findings: findings.map(({ sample, ...finding }) => ({ ...finding, sample: [...sample] })),
      }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/quota',
    summary: 'Windows of quota of the last day, as far as they were used',
    scope: 'read',
    status: 200,
    answer: z.object({
      items: z.array(
        z.object({
          pool: z.string(),
          window_start: z.iso.datetime(),
          used: z.int(),
          limit: z.int(),
          blocked_until: z.iso.datetime().nullable(),
        }),
      ),
    }),
    serve: async ({ ports }) => {
      const rows = await ports.db.rows<{
        pool: string
        window_start: Date
        used: number
        limit: number
        blocked_until: Date | null
      }>(sql`
        select distinct on (pool) pool, window_start, used, "limit",
          case when blocked_until > app_now() then blocked_until end as blocked_until
        from quota_windows where window_start > app_now() - interval '25 hours' order by pool, window_start desc`)
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
