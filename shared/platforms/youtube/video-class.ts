import type { DetailFields } from '../../model/post.ts'
import type { Video } from './resources.ts'

type Classified = Pick<DetailFields, 'class' | 'class_source' | 'live_state'>

/** Shorts may be three minutes long since this day, one minute before. */
const threeMinutesSince = Date.UTC(2024, 9, 15)
/** Durations are rounded up to whole seconds: a Short of a minute may be given as 61 s. */
const roundingMs = 1_000

/**
 * The class of a video. YouTube has flags neither for Shorts nor for premieres: those classes are
 * `heuristic`. A premiere is an upload shown at a set time; once it has ended it cannot be distinguished from a stream.
 */
export function classify(video: Video, durationMs: number | null): Classified {
  const live_state = liveStateOf(video)
  if (live_state !== null && !isPremiere(video, durationMs, live_state)) {
    return { class: 'live', class_source: live_state === 'ended' ? 'heuristic' : 'api', live_state }
  }
  return {
    class: isShort(video, durationMs) ? 'short_video' : 'video',
    class_source: 'heuristic',
    live_state,
  }
}

/** Times that were recorded come first: `liveBroadcastContent` lags behind them. */
function liveStateOf({ snippet, liveStreamingDetails: times }: Video): Classified['live_state'] {
  const state = snippet.liveBroadcastContent
  if (times?.actualEndTime) return 'ended'
  if (times?.actualStartTime) return state === 'none' ? 'ended' : 'live'
  if (times?.scheduledStartTime) return 'upcoming'
  return state === 'live' || state === 'upcoming' ? state : null
}

/** A stream has no length before its end; an upload has been processed and has one. */
const isPremiere = ({ status }: Video, durationMs: number | null, state: Classified['live_state']): boolean =>
  state !== 'ended' && status?.uploadStatus === 'processed' && durationMs !== null && durationMs > 0

function isShort(video: Video, durationMs: number | null): boolean {
  if (durationMs === null || durationMs === 0) return false
  const minuteMs = 60_000 + roundingMs
  const limitMs = video.snippet.publishedAt.getTime() < threeMinutesSince ? minuteMs : 180_000 + roundingMs
  if (durationMs > limitMs) return false
  const { embedWidth: width, embedHeight: height } = video.player ?? {}
  if (width && height) return width <= height
  return durationMs <= minuteMs || /#shorts\b/i.test(`${video.snippet.title}\n${video.snippet.description}`)
}
