import type { KnownPost, LatestRow } from '#shared/db/tables/posts.ts'
import type { PostMetrics, PostRecord } from '#shared/model/post.ts'
import type { Hashes } from './hashes.ts'
import type { Sighting } from './read.ts'

/** What is known of a post by its newest answers. */
export type Latest = Omit<LatestRow, 'post_id'>

const noMetrics: PostMetrics = { views: null, likes: null, comments: null, shares: null, saves: null }
export const nothingKnown: Latest = {
  ...noMetrics,
  observed_at: new Date(-8.64e15),
  listing_hash: null,
  detail_hash: null,
  metrics_at: null,
  listing_raw: null,
  detail_raw: null,
}

export const metricsOf = ({ views, likes, comments, shares, saves }: PostMetrics): PostMetrics => ({
  views,
  likes,
  comments,
  shares,
  saves,
})

export function latestOf(known: KnownPost): Latest {
  const { observed_at, listing_hash, detail_hash, metrics_at, listing_raw, detail_raw } = known
  return { ...metricsOf(known), observed_at, listing_hash, detail_hash, metrics_at, listing_raw, detail_raw }
}

/** What is known after a sighting. */
export const after = (
  latest: Latest,
  sighting: Sighting<PostRecord>,
  hashes: Hashes,
  historyAt: Date | undefined,
): Latest => ({
  ...withContent(latest, sighting, hashes),
  ...(sighting.record.group === 'listing' ? {} : sighting.record.metrics),
  observed_at: sighting.page.fetched_at,
  metrics_at: historyAt ?? latest.metrics_at,
})

/**
 * With the hashes of the groups that the answer has. An answer is recognised by its own hash only as long as the fields are as
 * it had them: an answer of the other group that gives another listing ends that.
 */
export function withContent(
  latest: Latest,
  { record: { group }, raw: asItCame }: Pick<Sighting<PostRecord>, 'record' | 'raw'>,
  { listing, detail }: Hashes,
): Latest {
  if (group === 'stats') return latest
  const raw = asItCame ?? null
  const isSame = listing === latest.listing_hash
  return {
    ...latest,
    listing_hash: listing ?? latest.listing_hash,
    detail_hash: detail ?? latest.detail_hash,
    listing_raw: group === 'listing' ? raw : isSame ? latest.listing_raw : null,
    detail_raw: group === 'detail' ? raw : isSame ? latest.detail_raw : null,
  }
}
