import type { Queryable } from '#shared/db/pool.ts'
import { appendProfileMetrics, type KnownProfile, lockProfiles, upsertProfiles } from '#shared/db/profiles.ts'
import type { ProfileMetrics, ProfileRecord } from '#shared/model/profile.ts'
import type { Outcome, Tally } from './counts.ts'
import { hash } from './hashes.ts'
import { isNews } from './metrics.ts'
import type { Sighting } from './read.ts'

interface WeighedProfile {
  readonly row: object | null
  readonly history: readonly object[]
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
}

const none: ProfileMetrics = { followers: null, following: null, posts: null, views: null, likes: null }

/** Weighs the sightings of one profile against what is on record. Pure. */
function weighProfile(
  accountId: string,
  unsorted: readonly Sighting<ProfileRecord>[],
  known: KnownProfile | undefined,
): WeighedProfile {
  const sightings = unsorted.toSorted((a, b) => a.page.fetched_at.getTime() - b.page.fetched_at.getTime())
  const state = { metrics: known ?? none, metrics_at: known?.metrics_at ?? null }
  const history: object[] = []
  const wrote = new Set<Sighting<ProfileRecord>>()
  const current = sightings.filter(({ page }) => !known || page.fetched_at >= known.observed_at)
  for (const sighting of sightings) {
    const { metrics } = sighting.record
    const row = { ...metrics, account_id: accountId, observed_at: sighting.page.fetched_at }
    if (!current.includes(sighting)) history.push(row)
    else if (isNews(metrics, sighting.page.fetched_at, state)) {
      history.push(row)
      wrote.add(sighting)
      state.metrics_at = sighting.page.fetched_at
    }
    if (current.includes(sighting)) state.metrics = metrics
  }
  const newest = current.at(-1)
  const content_hash = newest ? hashOf(newest.record) : ''
  if (newest && content_hash !== known?.content_hash) wrote.add(newest)
  return {
    row: newest ? rowOf(accountId, newest, content_hash, state.metrics_at) : null,
    history,
    outcomes: sightings.map((sighting) => ({
      pageId: sighting.page.id,
      outcome: !current.includes(sighting)
        ? 'stale'
        : wrote.has(sighting)
          ? 'normalised'
          : sighting === newest
            ? 'unchanged'
            : 'duplicate',
    })),
  }
}

function hashOf({ metrics, avatar_expires_at, ...content }: ProfileRecord): string {
  return hash(content)
}

function rowOf(
  accountId: string,
  { record, page }: Sighting<ProfileRecord>,
  content_hash: string,
  metrics_at: Date | null,
): object {
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
