import type { Queryable } from '#shared/db/pool.ts'
import { readGauges } from '#shared/db/views/gauges.ts'
import { gauge } from '#shared/telemetry/metrics.ts'

/** Records how everything stands, as gauges. */
export async function recordGauges(db: Queryable): Promise<void> {
  const { accounts, stalest, tasks, backlog, quota, jobs, spent, parked, faults } = await readGauges(db)
  const ofClient = (client: string | null) => (client === null ? {} : { 'social_sync.client': client })
  for (const { platform, state, client, count } of accounts) {
    const which = { 'social_sync.platform': platform, 'social_sync.state': state }
    gauge('social_sync.accounts', count, { ...which, ...ofClient(client) })
  }
  for (const { platform, id, client, ratio } of stalest) {
    const account = { 'social_sync.platform': platform, 'social_sync.account.id': id, ...ofClient(client) }
    gauge('social_sync.account.freshness', ratio, account)
  }
  for (const { state, count } of tasks) gauge('social_sync.tasks', count, { 'social_sync.state': state })
  for (const { step, count } of backlog) gauge('social_sync.backlog', count, { 'social_sync.step': step })
  for (const { pool, share } of quota) gauge('social_sync.quota.used', share, { 'social_sync.pool': pool })
  for (const { state, count, oldest_s } of jobs) {
    gauge('social_sync.ml.jobs', count, { 'social_sync.state': state })
    gauge('social_sync.ml.oldest', oldest_s, { 'social_sync.state': state })
  }
  for (const { provider, usd } of spent)
    gauge('social_sync.ml.spent', usd, { 'social_sync.provider': provider })
  for (const { platform, count } of faults)
    gauge('social_sync.app_faults', count, { 'social_sync.platform': platform })
  for (const state of ['page', 'ml_job', 'held_deletion'] as const) {
    gauge('social_sync.parked', parked[state], { 'social_sync.state': state })
  }
}
