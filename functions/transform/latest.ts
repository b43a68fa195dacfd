import type { KnownPost, LatestRow } from '#shared/db/tables/posts.ts'
import type { PostMetrics } from '#shared/model/post.ts'

/** What is known of a post by its newest answers. */
export type Latest = Omit<LatestRow, 'post_id'>

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
