type PostClass = 'video' | 'short_video' | 'live' | 'image' | 'carousel' | 'story' | 'text' | 'unknown'

/** Numbers of a post at one moment, as decimal text. null: hidden or not reported, never 0. */
export interface PostMetrics {
  readonly views: string | null
  readonly likes: string | null
  readonly comments: string | null
  readonly shares: string | null
  readonly saves: string | null
}

/** The fields of the group `listing`. */
export interface ListingFields {
  readonly title: string | null
  readonly body: string | null
  readonly permalink: string | null
  readonly published_at: Date
}

/** A picture or video; `identity` stays the same while the picture does, whatever its link says. */
export interface Medium {
  readonly role: 'primary' | 'child' | 'cover' | 'thumbnail'
  readonly position: number
  readonly native_id: string | null
  readonly kind: 'image' | 'video'
  readonly url: string | null
  readonly url_expires_at: Date | null
  readonly width: number | null
  readonly height: number | null
  readonly duration_ms: number | null
  readonly identity: string
}

/** Found in the text (position in UTF-16 units) or listed by the platform (position is the order). */
export interface Hashtag {
  readonly source: 'text' | 'api'
  readonly position: number
  readonly tag: string
  readonly tag_norm: string
}

export interface Mention {
  readonly source: 'text' | 'api' | 'dictionary'
  readonly position: number
  readonly handle: string
  readonly handle_norm: string
}

/** What the group `detail` has beyond `listing`. */
export interface DetailFields {
  readonly class: PostClass
  readonly class_source: 'api' | 'heuristic'
  readonly live_state: 'upcoming' | 'live' | 'ended' | null
  readonly lang: string | null
  readonly duration_ms: number | null
  readonly tags: readonly string[] | null
  /** public, unlisted, private, or what else the platform calls it. */
  readonly visibility: string | null
  readonly is_paid_partnership: boolean | null
  readonly is_ai_generated: boolean | null
  readonly made_for_kids: boolean | null
}

/**
 * What one answer says of a post; `group` says which fields, and others are never written from it.
 * listing: title, body, link and time. detail: everything. stats: numbers only.
 */
export type PostRecord =
  | { readonly group: 'listing'; readonly native_id: string; readonly listing: ListingFields }
  | {
      readonly group: 'detail'
      readonly native_id: string
      readonly listing: ListingFields
      readonly detail: DetailFields
      readonly media: readonly Medium[]
      readonly hashtags: readonly Hashtag[]
      readonly mentions: readonly Mention[]
      readonly metrics: PostMetrics
    }
  | { readonly group: 'stats'; readonly native_id: string; readonly metrics: PostMetrics }
