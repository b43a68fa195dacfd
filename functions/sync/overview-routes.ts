import * as z from 'zod'
import { sql } from '#shared/db/sql.ts'
import { openFaults } from '#shared/db/tables/app-faults.ts'
import { readGauges } from '#shared/db/views/gauges.ts'
import { backlogOf } from '#shared/db/views/ml-job-list.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { FaultView, faultView } from './checks-routes.ts'
import { Id, type Route, route } from './route.ts'

const Count = z.int().nonnegative()
export const Overview = z.object({
  now: z.iso.datetime().describe('by the clock of the database'),
  accounts: z
    .array(z.object({ platform: PlatformName, state: z.enum(['fresh', 'late', 'stopped']), count: Count }))
    .describe(
      'fresh: walked within twice the time asked for; stopped: paused, imported, not found, or cannot be read',
    ),
  stalest: z
    .array(z.object({ id: Id, platform: PlatformName, name: z.string(), ratio: z.number() }))
    .describe('time since the posts of an account were walked, over the time asked for'),
  faults: z.array(FaultView).describe('for which accounts the app itself is refused, and what to do'),
  tasks: z.array(z.object({ state: z.string(), count: Count })),
  waiting: z.array(z.object({ reason: z.string(), count: Count })).describe('why tasks wait'),
  ml_backlog: z.array(z.object({ age: z.string(), count: Count })).describe('open ML jobs by their age'),
  parked: z.object({
    pages: Count,
    ml_jobs: Count,
    held_deletions: Count.describe(
      'posts that a person decides about: many of an account at once are not found',
    ),
  }),
  quarantined: Count.describe('records that validation refused'),
})

export const overviewRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/overview',
    summary: 'How everything stands: freshness, open work, ML backlog by age, parked work',
    scope: 'read',
    status: 200,
    answer: Overview,
    serve: async ({ db }) => {
      const { accounts, stalest, tasks, waiting, parked, quarantined } = await readGauges(db)
      const [row] = await db.rows<{ now: Date }>(sql`select app_now() as now`)
      return {
        now: row?.now.toISOString() ?? '',
        accounts: accounts.map((line) => ({ ...line, platform: PlatformName.parse(line.platform) })),
        stalest: stalest
          .slice(0, 5)
          .map((line) => ({ ...line, platform: PlatformName.parse(line.platform) })),
        faults: (await openFaults(db)).map(faultView),
        tasks: [...tasks],
        waiting: [...waiting],
        ml_backlog: await backlogOf(db),
        parked: { pages: parked.page, ml_jobs: parked.ml_job, held_deletions: parked.held_deletion },
        quarantined,
      }
    },
  }),
]
