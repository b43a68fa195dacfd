import type { Medium, PostRecord } from '../../model/post.ts'
import type { ProfileRecord } from '../../model/profile.ts'
import { hashtags, mentions } from '../text/tags.ts'
import type { User, Video } from './resources.ts'
import { tiktokText } from './text.ts'

/** Profile mapping. The web link is the profile itself, not a site of the account. */
export function profileFrom(user: User): ProfileRecord {
  const avatar = user.avatar_large_url ?? user.avatar_url ?? null
  return {
    native_id: user.open_id,
    handle: user.username || null,
    display_name: user.display_name || null,
    bio: user.bio_description || null,
    avatar_url: avatar,
    avatar_expires_at: expiryOf(avatar),
    website: null,
    country: null,
    is_verified: user.is_verified ?? null,
    uploads_ref: null,
    native_created_at: null,
    metrics: {
      followers: user.follower_count ?? null,
      following: user.following_count ?? null,
      posts: user.video_count ?? null,
      views: null,
      likes: user.likes_count ?? null,
    },
  }
}

/** Post mapping. Nothing says that a post is photos but its link. */
export function postFrom(video: Video): PostRecord {
  const isPhoto = /\/photo\//.test(video.share_url ?? '')
  const text = video.video_description || video.title
  return {
    group: 'detail',
    native_id: video.id,
    listing: {
      title: video.title || null,
      body: video.video_description || null,
      permalink: video.share_url?.split('?')[0] ?? null,
      published_at: video.create_time,
    },
    detail: {
      class: isPhoto ? 'carousel' : 'short_video',
      class_source: 'heuristic',
      live_state: null,
      lang: null,
      duration_ms: isPhoto || video.duration === undefined ? null : Math.round(video.duration * 1000),
      tags: null,
      visibility: 'public',
      is_paid_partnership: null,
      is_ai_generated: video.is_aigc ?? null,
      made_for_kids: null,
    },
    media: cover(video),
    hashtags: hashtags(text, tiktokText),
    mentions: mentions(text, tiktokText),
    metrics: {
      views: video.view_count ?? null,
      likes: video.like_count ?? null,
      comments: video.comment_count ?? null,
      shares: video.share_count ?? null,
      saves: null,
    },
  }
}

function cover({ cover_image_url: url, width, height }: Video): Medium[] {
  if (!url || !URL.canParse(url)) return []
  return [
    {
      role: 'cover',
      position: 0,
      native_id: null,
      kind: 'image',
      url,
      url_expires_at: expiryOf(url),
      width: width ?? null,
      height: height ?? null,
      duration_ms: null,
      // Signature and expiry differ in every answer; the path names the picture.
      identity: new URL(url).pathname,
    },
  ]
}

/** When a signed link stops working: `x-expires`, in seconds (TikTok media, as recorded). */
function expiryOf(url: string | null): Date | null {
  const seconds = Number(url && URL.canParse(url) ? new URL(url).searchParams.get('x-expires') : null)
  return seconds > 0 ? new Date(seconds * 1000) : null
}
