import type { DetailFields } from '../../model/post.ts'
import type { Video } from './resources.ts'

type Classified = Pick<DetailFields, 'class' | 'class_source' | 'live_state'>

/** Shorts may be three minutes long since this day, one minute before. */
const threeMinutesSince = Date.UTC(2024, 9, 15)

/** The class of a video (platform-apis 7.4); YouTube has no official flag for Shorts. */
export function classify(video: Video, durationMs: number | null): Classified {
  const live = video.snippet.liveBroadcastContent
  if (live === 'live' || live === 'upcoming') return { class: 'live', class_source: 'api', live_state: live }
  if (video.liveStreamingDetails?.actualStartTime)
    return { class: 'live', class_source: 'api', live_state: 'ended' }
  if (isShort(video, durationMs)) return { class: 'short_video', class_source: 'heuristic', live_state: null }
  return { class: 'video', class_source: 'heuristic', live_state: null }
}

function isShort(video: Video, durationMs: number | null): boolean {
  if (durationMs === null || durationMs === 0) return false
  const limitMs = video.snippet.publishedAt.getTime() < threeMinutesSince ? 60_000 : 180_000
  const { embedWidth: width, embedHeight: height } = video.player ?? {}
  if (width && height) return durationMs <= limitMs && width <= height
  if (durationMs > limitMs) return false
  return durationMs <= 60_000 || /#shorts\b/i.test(`${video.snippet.title}\n${video.snippet.description}`)
}
