import type { BodyStore } from '#shared/db/body-store.ts'
import { deleteLeftJobs } from '#shared/db/operations/purge.ts'
import {
  platformsWithMetricsRule,
  purgeBodies,
  purgeDays,
  purgeErasedDays,
  purgeLeftovers,
  purgePostMetrics,
  purgePosts,
  purgeProfileMetrics,
  purgeProfiles,
  refreshContent,
} from '#shared/db/operations/retention.ts'
import { isOutOfTime } from '#shared/db/out-of-time.ts'
import { type Db, isConnectionLost } from '#shared/db/pool.ts'
import { purgeAlerts } from '#shared/db/tables/alerts.ts'
import { purgeConsents } from '#shared/db/tables/consents.ts'
import { isTaskDue, markTaskDone } from '#shared/db/tables/maintained.ts'
import type { Logger } from '#shared/telemetry/logger.ts'

const everyHours = 20
/** Small enough to hold no lock for long. */
const batch = { bodies: 2_000, far: 500, posts: 5_000, days: 20_000, jobs: 5_000 }

type Purge = () => Promise<number>

/**
 * Once a night, by the rules in `retention`: what is kept long enough is deleted, and content that comes near its end is
 * asked for again before. Each part by itself, so that one that fails holds up no other. What there is no time for is
 * left to the next call. Returns how much each part did; null: it was not due.
 */
export async function sweep(
  { db, bodies, log }: { readonly db: Db; readonly bodies: BodyStore; readonly log: Logger },
  signal: AbortSignal,
): Promise<Record<string, number> | null> {
  if (!(await isTaskDue(db, 'retention', everyHours))) return null
  const parts: Record<string, Purge> = {
    refreshed: () => throughAll((after) => refreshContent(db, after, batch.posts), signal),
    bodies: () => untilNone(() => purgeBodies(db, batch.bodies), signal),
    prolonged: () => untilNone(() => bodies.prolong(db, batch.far), signal),
    metrics: () => purgeMetrics(db, signal),
    days: async () =>
      (await untilNone(() => purgeDays(db, 'post_days', batch.days), signal)) +
      (await untilNone(() => purgeDays(db, 'account_days', batch.days), signal)),
    profiles: () => purgeProfiles(db),
    content: () => throughAll((after) => purgePosts(db, after, batch.posts), signal),
    jobs: () => purgeJobs(db, signal),
    consents: () => purgeConsents(db),
    alerts: () => purgeAlerts(db),
    // Erased by a release that did not know them yet.
    erased: () => purgeErasedDays(db),
    partitions: () => purgeLeftovers(db),
  }
  const swept: Record<string, number> = {}
  for (const [name, purge] of Object.entries(parts)) {
    if (signal.aborted) return swept
    try {
      swept[name] = await purge()
    } catch (error) {
      if (isConnectionLost(error) && !isOutOfTime(error)) throw error
      log.error({ error, part: name }, 'a part of the nightly sweep failed; it is tried again tomorrow')
    }
  }
  await markTaskDone(db, 'retention')
  return swept
}

async function untilNone(purge: Purge, signal: AbortSignal): Promise<number> {
  let purged = 0
  while (!signal.aborted) {
    const count = await purge()
    purged += count
    if (count === 0) break
  }
  return purged
}

/** Through a table in the order of its ids, where what is concerned is little among the rest. */
async function throughAll(
  look: (after: string) => Promise<{ readonly count: number; readonly last: string | null }>,
  signal: AbortSignal,
): Promise<number> {
  let count = 0
  let after: string | null = '0'
  while (after !== null && !signal.aborted) {
    const part: Awaited<ReturnType<typeof look>> = await look(after)
    count += part.count
    after = part.last
  }
  return count
}

const purgeJobs = (db: Db, signal: AbortSignal): Promise<number> =>
  throughAll((after) => db.transaction((tx) => deleteLeftJobs(tx, after, batch.jobs)), signal)

/** Posts of the platforms concerned alone: others keep theirs. */
async function purgeMetrics(db: Db, signal: AbortSignal): Promise<number> {
  let purged = 0
  for (const platform of await platformsWithMetricsRule(db)) {
    purged += await purgeProfileMetrics(db, platform)
    purged += await throughAll((after) => purgePostMetrics(db, platform, after, batch.posts), signal)
  }
  return purged
}
