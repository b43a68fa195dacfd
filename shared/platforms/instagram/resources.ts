import * as z from 'zod'

/**
 * Their shapes (Instagram API; Instagram Business Discovery). Absent is absent: owners hide counts, and links of flagged media
 * are left out.
 */

const Count = z.int().nonnegative().transform(String)
/** `2026-11-01T09:00:00+0000`: the offset has no colon. */
const Time = z
  .string()
  .transform((text) => text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  .pipe(z.iso.datetime({ offset: true }))
  .transform((text) => new Date(text))

export const User = z.object({
  id: z.string().min(1),
  username: z.string().optional(),
  name: z.string().optional(),
  biography: z.string().optional(),
  website: z.string().optional(),
  profile_picture_url: z.string().optional(),
  followers_count: Count.optional(),
  follows_count: Count.optional(),
  media_count: Count.optional(),
})
export type User = z.infer<typeof User>

const Child = z.object({
  id: z.string().min(1),
  media_type: z.string().optional(),
  media_url: z.url().optional(),
  thumbnail_url: z.url().optional(),
})
export type Child = z.infer<typeof Child>

export const Media = z.object({
  ...Child.shape,
  caption: z.string().optional(),
  media_product_type: z.string().optional(),
  permalink: z.string().optional(),
  timestamp: Time,
  like_count: Count.optional(),
  comments_count: Count.optional(),
  view_count: Count.optional(),
  children: z.object({ data: z.array(Child).default([]) }).optional(),
})
export type Media = z.infer<typeof Media>

/** Values known of fields that are enumerations (Instagram API). */
export const mediaEnumerations = {
  media_type: ['IMAGE', 'VIDEO', 'CAROUSEL_ALBUM'],
  media_product_type: ['FEED', 'REELS', 'STORY', 'AD'],
} as const

/** The media edge. The nested one of a discovery has cursors only, never `next`. */
export const MediaEdge = z.object({
  data: z.array(z.unknown()),
  paging: z
    .object({
      cursors: z.object({ after: z.string().min(1).optional() }).optional(),
      next: z.string().optional(),
    })
    .optional(),
})
export type MediaEdge = z.infer<typeof MediaEdge>

export const Discovery = z.object({
  business_discovery: z.looseObject({ id: z.string().min(1), media: MediaEdge.optional() }),
})

/** Only code and message are certain (Graph API errors). It may come with HTTP 200. */
export const Refusal = z.object({
  error: z.object({
    code: z.int(),
    message: z.string().default(''),
    error_subcode: z.int().optional(),
    is_transient: z.boolean().default(false),
  }),
})
