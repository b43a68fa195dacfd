import * as z from 'zod'

/** Their shapes (YouTube Data API). Absent is absent: counts, tags and whole parts may be missing. */

/** A decimal string that a bigint holds. */
const Count = z.string().regex(/^\d{1,18}$/, 'a decimal string')
const Time = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
/** Every resource has one; a broken one is no reason to lose the rest. */
const Title = z.string().default('')
const Thumbnail = z.object({
  url: z.string().optional(),
  width: z.int32().optional(),
  height: z.int32().optional(),
})
export type Thumbnails = Record<string, z.infer<typeof Thumbnail>>
const Thumbnails = z.record(z.string(), Thumbnail).default({})

/**
 * What every good answer has; `items` is left out where nothing is found. An object of another kind, such as an error with
 * HTTP 200, is no list of nothing.
 */
export const Envelope = z.object({
  kind: z.string().regex(/^youtube#\w+Response$/, 'the kind of a list'),
  items: z.array(z.unknown()).default([]),
  nextPageToken: z.string().optional(),
})

/** The kind of list that each call answers with; no other is read. */
export const listKinds: Readonly<Record<string, string>> = {
  channels: 'youtube#channelListResponse',
  playlistItems: 'youtube#playlistItemListResponse',
  videos: 'youtube#videoListResponse',
  stats: 'youtube#batchGetStatsResponse',
}

export const Channel = z.object({
  id: z.string().min(1),
  snippet: z.object({
    title: Title,
    description: z.string().default(''),
    customUrl: z.string().optional(),
    publishedAt: Time.optional(),
    country: z.string().optional(),
    thumbnails: Thumbnails,
  }),
  contentDetails: z
    .object({ relatedPlaylists: z.object({ uploads: z.string().optional() }).default({}) })
    .optional(),
  statistics: z
    .object({
      viewCount: Count.optional(),
      subscriberCount: Count.optional(),
      hiddenSubscriberCount: z.boolean().default(false),
      videoCount: Count.optional(),
    })
    .optional(),
})
export type Channel = z.infer<typeof Channel>

export const PlaylistItem = z.object({
  snippet: z
    .object({ title: Title, description: z.string().default('') })
    .default({ title: '', description: '' }),
  contentDetails: z.object({ videoId: z.string().min(1), videoPublishedAt: Time.optional() }),
  status: z.object({ privacyStatus: z.string() }).optional(),
})
export type PlaylistItem = z.infer<typeof PlaylistItem>

export const Video = z.object({
  id: z.string().min(1),
  snippet: z.object({
    publishedAt: Time,
    title: Title,
    description: z.string().default(''),
    thumbnails: Thumbnails,
    tags: z.array(z.string()).optional(),
    liveBroadcastContent: z.string().default('none'),
    defaultLanguage: z.string().optional(),
    defaultAudioLanguage: z.string().optional(),
  }),
  contentDetails: z.object({ duration: z.string().optional() }).optional(),
  status: z
    .object({
      privacyStatus: z.string().optional(),
      uploadStatus: z.string().optional(),
      madeForKids: z.boolean().optional(),
      containsSyntheticMedia: z.boolean().optional(),
    })
    .optional(),
  statistics: z
    .object({ viewCount: Count.optional(), likeCount: Count.optional(), commentCount: Count.optional() })
    .optional(),
  paidProductPlacementDetails: z.object({ hasPaidProductPlacement: z.boolean().optional() }).optional(),
  liveStreamingDetails: z
    .object({
      scheduledStartTime: z.string().optional(),
      actualStartTime: z.string().optional(),
      actualEndTime: z.string().optional(),
    })
    .optional(),
  player: z
    .object({
      embedWidth: z.coerce.number().optional(),
      embedHeight: z.coerce.number().optional(),
    })
    .optional(),
})
export type Video = z.infer<typeof Video>

/** Values known of fields that are enumerations (YouTube Data API). */
export const videoEnumerations = {
  'status.privacyStatus': ['public', 'unlisted', 'private'],
  'snippet.liveBroadcastContent': ['none', 'live', 'upcoming'],
} as const

/** An item of `videos:batchGetStats`: numbers alone. */
export const VideoStats = z.object({ id: z.string().min(1), statistics: Video.shape.statistics })
export type VideoStats = z.infer<typeof VideoStats>

/** Videos that it could not report this time; not those that do not exist. */
export const StatsSummary = z
  .object({ failedVideoIds: z.array(z.string()).default([]) })
  .catch({ failedVideoIds: [] })
