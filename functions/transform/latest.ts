import type { KnownPost } from '#shared/db/posts.ts'
import type { PostMetrics } from '#shared/model/post.ts'

/** The row of post_latest. */
export interface Latest extends PostMetrics {
  readonly observed_at: Date
  readonly listing_hash: string | null
  readonly detail_hash: string | null
  readonly metrics_at: Date | null
}

const noMetrics: PostMetrics = { views: null, likes: null, comments: null, shares: null, saves: null }
export const nothingKnown: Latest = {
  ...noMetrics,
  observed_at: new Date(-8.64e15),
  listing_hash: null,
  detail_hash: null,
  metrics_at: null,
}

export const metricsOf = ({ views, likes, comments, shares, saves }: PostMetrics): PostMetrics => ({
  views,
  likes,
  comments,
  shares,
  saves,
})

export function latestOf(known: KnownPost): Latest {
  const { observed_at, listing_hash, detail_hash, metrics_at } = known
  return { ...metricsOf(known), observed_at, listing_hash, detail_hash, metrics_at }
}
