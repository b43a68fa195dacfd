import type { Hashtag, Mention, PostRecord } from '../../model/post.ts'
import type { ProfileRecord } from '../../model/profile.ts'
import { hashtags, mentions, normaliseHandle, normaliseTag } from '../text/tags.ts'
import { profileFrom } from './records.ts'
import type { ResearchUser, ResearchVideo } from './resources.ts'
import { tiktokText } from './text.ts'

/** Profile mapping: the username is all the id there is. */
export const researchProfile = (user: ResearchUser): ProfileRecord =>
  profileFrom({ ...user, open_id: user.username })

/** Post mapping; there is no picture, and what the platform counts as tags comes as `api`. */
export function researchPost(video: ResearchVideo): PostRecord {
  const text = video.video_description
  return {
    group: 'detail',
    native_id: video.id,
    listing: {
      title: null,
      body: text || null,
      permalink: `https://www.tiktok.com/@${encodeURIComponent(video.username)}/video/${encodeURIComponent(video.id)}`,
      published_at: video.create_time,
    },
    detail: {
      class: 'short_video',
      class_source: 'heuristic',
      live_state: null,
      lang: null,
      duration_ms: video.video_duration === undefined ? null : Math.round(video.video_duration * 1000),
      tags: null,
      visibility: 'public',
      is_paid_partnership: null,
      is_ai_generated: null,
      made_for_kids: null,
    },
    media: [],
    hashtags: [...hashtags(text, tiktokText), ...(video.hashtag_names ?? []).map(toldTag)],
    mentions: [...mentions(text, tiktokText), ...(video.video_mention_list ?? []).map(toldMention)],
    metrics: {
      views: video.view_count ?? null,
      likes: video.like_count ?? null,
      comments: video.comment_count ?? null,
      shares: video.share_count ?? null,
      saves: video.favorites_count ?? null,
    },
  }
}

const toldTag = (tag: string, position: number): Hashtag => ({
  source: 'api',
  position,
  tag,
  tag_norm: normaliseTag(tag),
})

const toldMention = (handle: string, position: number): Mention => ({
  source: 'api',
  position,
  handle,
  handle_norm: normaliseHandle(handle, tiktokText),
})
