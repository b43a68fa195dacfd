import type { DetailFields, Medium, PostRecord } from '../../model/post.ts'
import type { ProfileRecord } from '../../model/profile.ts'
import { hashtags, mentions } from '../text/tags.ts'
import type { Child, Media, User } from './resources.ts'
import { instagramText } from './text.ts'

/** Profile mapping. */
export function profileFrom(user: User): ProfileRecord {
  return {
    native_id: user.id,
    handle: user.username || null,
    display_name: user.name || null,
    bio: user.biography || null,
    avatar_url: user.profile_picture_url || null,
    avatar_expires_at: expiryOf(user.profile_picture_url),
    website: user.website || null,
    country: null,
    is_verified: null,
    uploads_ref: null,
    native_created_at: null,
    metrics: {
      followers: user.followers_count ?? null,
      following: user.follows_count ?? null,
      posts: user.media_count ?? null,
      views: null,
      likes: null,
    },
  }
}

/** Post mapping. A count that its owner hides is absent, and NULL here. */
export function postFrom(media: Media): PostRecord {
  const text = media.caption ?? ''
  return {
    group: 'detail',
    native_id: media.id,
    listing: {
      title: null,
      body: media.caption || null,
      permalink: media.permalink ?? null,
      published_at: media.timestamp,
    },
    detail: {
      class: classOf(media),
      class_source: 'api',
      live_state: null,
      lang: null,
      duration_ms: null,
      tags: null,
      visibility: 'public',
      is_paid_partnership: null,
      is_ai_generated: null,
      made_for_kids: null,
    },
    media: mediaOf(media),
    hashtags: hashtags(text, instagramText),
    mentions: mentions(text, instagramText),
    metrics: {
      views: media.view_count ?? null,
      likes: media.like_count ?? null,
      comments: media.comments_count ?? null,
      shares: null,
      saves: null,
    },
  }
}

const byMediaType: Readonly<Record<string, DetailFields['class']>> = {
  IMAGE: 'image',
  CAROUSEL_ALBUM: 'carousel',
  VIDEO: 'video',
}

/** Content classes. REELS and STORY are product types; a reel's media type is VIDEO. */
function classOf({ media_product_type: product, media_type: type, permalink }: Media): DetailFields['class'] {
  if (product === 'REELS') return 'short_video'
  if (product === 'STORY') return 'story'
  if (product === undefined && permalink?.includes('/reel/')) return 'short_video'
  return byMediaType[type ?? ''] ?? 'unknown'
}

/**
 * A cover, the video itself, and the children of a carousel. Of flagged media the platform leaves the link out: they are
 * media whose link is NULL. A cover is there where a picture is; that of a picture is the picture itself.
 */
function mediaOf(media: Media): Medium[] {
  const isVideo = media.media_type === 'VIDEO'
  const cover = media.thumbnail_url ?? (isVideo ? undefined : media.media_url)
  // Of a carousel it is the first picture in it (Instagram media, as recorded).
  const [first] = media.children?.data ?? []
  const isFirst = first !== undefined && first.media_type !== 'VIDEO'
  const hasCover = cover !== undefined || media.media_type === 'IMAGE'
  return [
    ...(hasCover
      ? [
          {
            ...medium('cover', 0, media.id, 'image', cover),
            ...(isFirst ? { identity: identityOf(first.id, 'child') } : {}),
          },
        ]
      : []),
    ...(isVideo ? [medium('primary', 0, media.id, 'video', media.media_url)] : []),
    ...(media.children?.data ?? []).map(childMedium),
  ]
}

const identityOf = (native_id: string, role: Medium['role']) => `instagram ${native_id} ${role}`

const childMedium = (child: Child, position: number): Medium =>
  medium('child', position, child.id, child.media_type === 'VIDEO' ? 'video' : 'image', child.media_url)

function medium(
  role: Medium['role'],
  position: number,
  native_id: string,
  kind: Medium['kind'],
  url: string | undefined,
): Medium {
  const unknown = { width: null, height: null, duration_ms: null }
  // Links differ in every answer; the native id names the picture (Instagram media, as recorded).
  const identity = identityOf(native_id, role)
  const link = { url: url ?? null, url_expires_at: expiryOf(url) }
  return { role, position, native_id, kind, ...link, ...unknown, identity }
}

/** When a signed link stops working: `oe`, hexadecimal seconds (Instagram media, as recorded). */
function expiryOf(url: string | undefined): Date | null {
  const oe = url && URL.canParse(url) ? new URL(url).searchParams.get('oe') : null
  return oe && /^[0-9a-f]{8}$/i.test(oe) ? new Date(Number.parseInt(oe, 16) * 1000) : null
}
