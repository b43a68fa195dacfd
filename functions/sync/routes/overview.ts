import { openFaults } from '#shared/db/tables/app-faults.ts'
import { reportTimeZone } from '#shared/db/tables/report-settings.ts'
import { clock } from '#shared/db/views/clock.ts'
import { credentialsEnding } from '#shared/db/views/credential-list.ts'
import { type Gauges, readGauges } from '#shared/db/views/gauges.ts'
import { backlogOf } from '#shared/db/views/ml-job-list.ts'
import { unservedKinds } from '#shared/ml/configured.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { Overview } from '../api/overview.ts'
import { faultView, unnamed } from '../health.ts'
import { credentialView } from './credentials.ts'
import { type Route, route } from './route.ts'

/** Of all clients together. */
function byState(accounts: Gauges['accounts']) {
  const groups = Map.groupBy(accounts, ({ platform, state }) => `${platform} ${state}`)
  return [...groups.values()].flatMap(([first, ...others]) =>
    first
      ? [
          {
            platform: PlatformName.parse(first.platform),
            state: first.state,
            count: others.reduce((sum, { count }) => sum + count, first.count),
          },
        ]
      : [],
  )
}

export const overviewRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/overview',
    cachedS: 5,
    summary: 'How everything stands: freshness, open work, ML backlog by age, parked work',
    scope: 'read',
    isForClients: true,
    status: 200,
    answer: Overview,
    serve: async ({ db, settings, caller: { reach } }) => {
      const { accounts, stalest, tasks, waiting, parked, quarantined } = await readGauges(db, reach)
      return {
        now: (await clock(db)).toISOString(),
        report_time_zone: await reportTimeZone(db),
        accounts: byState(accounts),
        stalest: stalest
          .slice(0, 5)
          .map(({ client: _client, ...line }) => ({ ...line, platform: PlatformName.parse(line.platform) })),
        faults: (await openFaults(db)).map(faultView).map(reach === null ? (fault) => fault : unnamed),
        tasks: [...tasks],
        waiting: [...waiting],
        // Jobs are of contents, whosever posts have them.
        ml_backlog: reach === null ? await backlogOf(db) : [],
        ml_unserved: unservedKinds(settings.ml.providers),
        parked: {
          pages: parked.page,
          ml_jobs: reach === null ? parked.ml_job : 0,
          held_deletions: parked.held_deletion,
        },
        quarantined,
        consents_ending: (await credentialsEnding(db, reach, 14)).map(credentialView),
      }
    },
  }),
]
