import type { ListingFields, Medium, PostMetrics, PostRecord } from '../../model/post.ts'
import type { ProfileRecord } from '../../model/profile.ts'
import { hashtags, mentions } from '../text/tags.ts'
import type { Channel, PlaylistItem, Thumbnails, Video, VideoStats } from './resources.ts'
import { youtubeText } from './text.ts'
import { classify } from './video-class.ts'

/** Profile mapping. */
export function profileFrom(channel: Channel): ProfileRecord {
  const { snippet, statistics } = channel
  return {
    native_id: channel.id,
    handle: snippet.customUrl?.replace(/^@/, '') || null,
    display_name: snippet.title || null,
    bio: snippet.description || null,
    avatar_url: snippet.thumbnails['high']?.url ?? snippet.thumbnails['default']?.url ?? null,
    avatar_expires_at: null,
    website: null,
    country: snippet.country ?? null,
    is_verified: null,
    uploads_ref: channel.contentDetails?.relatedPlaylists.uploads || null,
    native_created_at: snippet.publishedAt ?? null,
    metrics: {
      followers: statistics?.hiddenSubscriberCount ? null : (statistics?.subscriberCount ?? null),
      following: null,
      posts: statistics?.videoCount ?? null,
      views: statistics?.viewCount ?? null,
      likes: null,
    },
  }
}

function listing(id: string, title: string, description: string, publishedAt: Date): ListingFields {
  return {
    title: title || null,
    body: description || null,
    permalink: `https://www.youtube.com/watch?v=${encodeURIComponent(id)}`,
    published_at: publishedAt,
  }
}

/** Post from an entry of the uploads list; null for an entry whose video is deleted or private. */
export function postFromItem(item: PlaylistItem): PostRecord | null {
  const { videoId, videoPublishedAt } = item.contentDetails
  if (!videoPublishedAt) return null
  return {
    group: 'listing',
    native_id: videoId,
    listing: listing(videoId, item.snippet.title, item.snippet.description, videoPublishedAt),
  }
}

/** Post mapping. */
export function postFromVideo(video: Video): PostRecord {
  const { snippet, status, statistics } = video
  const text = `${snippet.title}\n${snippet.description}`
  const durationMs = durationFrom(video.contentDetails?.duration)
  return {
    group: 'detail',
    native_id: video.id,
    listing: listing(video.id, snippet.title, snippet.description, snippet.publishedAt),
    detail: {
      ...classify(video, durationMs),
      lang: snippet.defaultLanguage ?? snippet.defaultAudioLanguage ?? null,
      duration_ms: durationMs,
      tags: snippet.tags?.length ? snippet.tags : null,
      visibility: status?.privacyStatus ?? null,
      is_paid_partnership: video.paidProductPlacementDetails?.hasPaidProductPlacement ?? null,
      is_ai_generated: status?.containsSyntheticMedia ?? null,
      made_for_kids: status?.madeForKids ?? null,
    },
    media: cover(snippet.thumbnails),
    hashtags: hashtags(text, youtubeText),
    mentions: mentions(text, youtubeText),
    metrics: metricsFrom(statistics),
  }
}

/** Numbers alone. */
export const statsFrom = ({ id, statistics }: VideoStats): PostRecord => ({
  group: 'stats',
  native_id: id,
  metrics: metricsFrom(statistics),
})

export const metricsFrom = (statistics: VideoStats['statistics']): PostMetrics => ({
  views: statistics?.viewCount ?? null,
  likes: statistics?.likeCount ?? null,
  comments: statistics?.commentCount ?? null,
  shares: null,
  saves: null,
})

const duration = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?(?<!P|T)$/

/** Milliseconds of an ISO 8601 duration such as PT1M2S, P1DT2H or P0D; null when absent or not readable. */
export function durationFrom(text: string | undefined): number | null {
  const parts = duration.exec(text ?? '')
  if (!parts) return null
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0))
  return Math.round(((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000)
}

const sizes = ['uhd', 'qhd', 'fhd', 'maxres', 'standard', 'high', 'medium', 'default'] as const

function cover(thumbnails: Thumbnails): Medium[] {
  const best = sizes.map((size) => thumbnails[size]).find((thumbnail) => thumbnail?.url)
  if (!best?.url) return []
  return [
    {
      role: 'cover',
      position: 0,
      native_id: null,
      kind: 'image',
      url: best.url,
      url_expires_at: null,
      width: best.width ?? null,
      height: best.height ?? null,
      duration_ms: null,
      // A thumbnail's link lasts and is all that identifies the picture.
      identity: best.url,
    },
  ]
}
