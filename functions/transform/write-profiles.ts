import type { Queryable } from '#shared/db/pool.ts'
import { appendLateProfileMetrics, appendProfileMetrics } from '#shared/db/tables/history.ts'
import {
  type KnownProfile,
  lockProfiles,
  type ProfileRow,
  upsertProfiles,
} from '#shared/db/tables/profiles.ts'
import type { ProfileMetrics, ProfileRecord } from '#shared/model/profile.ts'
import type { Outcome, Tally } from './counts.ts'
import { hash } from './hashes.ts'
import { isNews } from './metrics.ts'
import { inOrder } from './order.ts'
import type { Sighting } from './read.ts'

type HistoryRow = ProfileMetrics & { readonly account_id: string; readonly observed_at: Date }

interface WeighedProfile {
  readonly row: ProfileRow | null
  readonly history: readonly HistoryRow[]
  readonly late: readonly HistoryRow[]
  readonly outcomes: readonly { readonly pageId: string; readonly outcome: Outcome }[]
}

/** Writes the profiles of a batch, as posts are written: locked in order, decided under the lock, in bulk. */
export async function writeProfiles(
  tx: Queryable,
  sightings: readonly Sighting<ProfileRecord>[],
  tally: Tally,
): Promise<void> {
  if (sightings.length === 0) return
  const seen = Map.groupBy(sightings, ({ page }) => page.account_id)
  const known = new Map(
    (await lockProfiles(tx, [...seen.keys()])).map((profile) => [profile.account_id, profile]),
  )
  const weighed = [...seen].map(([accountId, group]) => weighProfile(accountId, group, known.get(accountId)))
  for (const { outcomes } of weighed) for (const { pageId, outcome } of outcomes) tally.add(pageId, outcome)
  await upsertProfiles(
    tx,
    weighed.flatMap(({ row }) => (row ? [row] : [])),
  )
  await appendProfileMetrics(
    tx,
    weighed.flatMap(({ history }) => history),
  )
  await appendLateProfileMetrics(
    tx,
    weighed.flatMap(({ late }) => late),
  )
}

const none: ProfileMetrics = { followers: null, following: null, posts: null, views: null, likes: null }

/** Weighs the sightings of one profile against what is on record. Pure. */
function weighProfile(
  accountId: string,
  unsorted: readonly Sighting<ProfileRecord>[],
  known: KnownProfile | undefined,
): WeighedProfile {
  const { sightings, superseded } = inOrder(unsorted, () => true)
  const current = sightings.filter(({ page }) => !known || page.fetched_at >= known.observed_at)
  const { history, wrote, metrics_at } = weighNumbers(accountId, current, known)
  const newest = current.at(-1)
  const content_hash = newest ? hashOf(newest.record) : ''
  if (newest && content_hash !== known?.content_hash) wrote.add(newest)
  const outcomeOf = (sighting: Sighting<ProfileRecord>): Outcome => {
    if (wrote.has(sighting)) return 'normalised'
    if (!current.includes(sighting)) return 'stale'
    return sighting === newest ? 'unchanged' : 'duplicate'
  }
  return {
    row: newest ? rowOf(accountId, newest, content_hash, metrics_at) : null,
    history,
    late: sightings
      .filter((sighting) => !current.includes(sighting))
      .map((sighting) => historyRow(accountId, sighting)),
    outcomes: [
      ...superseded.map(({ page }) => ({ pageId: page.id, outcome: 'duplicate' as const })),
      ...sightings.map((sighting) => ({ pageId: sighting.page.id, outcome: outcomeOf(sighting) })),
    ],
  }
}

const historyRow = (account_id: string, { record, page }: Sighting<ProfileRecord>): HistoryRow => ({
  ...record.metrics,
  account_id,
  observed_at: page.fetched_at,
})

/** Which of the answers in order brought news of the numbers. */
function weighNumbers(
  accountId: string,
  current: readonly Sighting<ProfileRecord>[],
  known: KnownProfile | undefined,
) {
  const history: HistoryRow[] = []
  const wrote = new Set<Sighting<ProfileRecord>>()
  let metrics: ProfileMetrics = known ?? none
  let metrics_at = known?.metrics_at ?? null
  for (const sighting of current) {
    const at = sighting.page.fetched_at
    if (isNews(sighting.record.metrics, at, { metrics, metrics_at })) {
      history.push(historyRow(accountId, sighting))
      wrote.add(sighting)
      metrics_at = at
    }
    metrics = sighting.record.metrics
  }
  return { history, wrote, metrics_at }
}

function hashOf({ metrics, avatar_expires_at, ...content }: ProfileRecord): string {
  return hash(content)
}

function rowOf(
  accountId: string,
  { record, page }: Sighting<ProfileRecord>,
  content_hash: string,
  metrics_at: Date | null,
): ProfileRow {
  const { metrics, ...content } = record
  return {
    ...content,
    ...metrics,
    account_id: accountId,
    content_hash,
    metrics_at,
    observed_at: page.fetched_at,
  }
}
