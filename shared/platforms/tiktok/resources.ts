import * as z from 'zod'

/** Their shapes (TikTok Display API). Absent is absent; counts are JSON numbers. */

const Count = z.int().nonnegative().transform(String)
const Seconds = z
  .int()
  .positive()
  .transform((seconds) => new Date(seconds * 1000))

/** Every answer has an error object, also a good one: its code is `ok` then. */
export const Envelope = z.object({
  data: z.looseObject({}).default({}),
  error: z.object({ code: z.string(), message: z.string().default('') }),
})

/** A good answer: its error says that there is none. */
export const GoodEnvelope = Envelope.extend({ error: z.object({ code: z.literal('ok') }) })

export const UserInfo = z.object({ user: z.looseObject({}) })

export const User = z.object({
  open_id: z.string().min(1),
  username: z.string().optional(),
  display_name: z.string().default(''),
  bio_description: z.string().default(''),
  avatar_url: z.string().optional(),
  avatar_large_url: z.string().optional(),
  is_verified: z.boolean().optional(),
  follower_count: Count.optional(),
  following_count: Count.optional(),
  likes_count: Count.optional(),
  video_count: Count.optional(),
})
export type User = z.infer<typeof User>

export const VideoList = z.object({
  videos: z.array(z.unknown()),
  /** Milliseconds; posts before this moment come next. */
  cursor: z.int().nonnegative().optional(),
  has_more: z.boolean().default(false),
})

export const Video = z.object({
  id: z.string().min(1),
  create_time: Seconds,
  cover_image_url: z.url().optional(),
  share_url: z.string().optional(),
  video_description: z.string().default(''),
  title: z.string().default(''),
  duration: z.number().nonnegative().optional(),
  height: z.int().optional(),
  width: z.int().optional(),
  like_count: Count.optional(),
  comment_count: Count.optional(),
  share_count: Count.optional(),
  view_count: Count.optional(),
  is_aigc: z.boolean().optional(),
})
export type Video = z.infer<typeof Video>

/** Research API (TikTok Research API): users have no id, ids of videos are JSON numbers above 2^53, read as text. */
export const ResearchUser = User.omit({ open_id: true, avatar_large_url: true }).extend({
  username: z.string().min(1),
})
export type ResearchUser = z.infer<typeof ResearchUser>

export const ResearchVideos = z.object({
  videos: z.array(z.unknown()),
  cursor: z.int().nonnegative().default(0),
  search_id: z.string().optional(),
  has_more: z.boolean().default(false),
})

const Id = z.union([z.string().min(1), z.int().nonnegative()]).transform(String)
const Names = z.array(z.string()).nullish()

export const ResearchVideo = z.object({
  id: Id,
  create_time: Seconds,
  username: z.string().min(1),
  video_description: z.string().default(''),
  video_duration: z.number().nonnegative().optional(),
  hashtag_names: Names,
  video_mention_list: Names,
  like_count: Count.optional(),
  comment_count: Count.optional(),
  share_count: Count.optional(),
  view_count: Count.optional(),
  favorites_count: Count.optional(),
})
export type ResearchVideo = z.infer<typeof ResearchVideo>
