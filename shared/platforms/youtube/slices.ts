import * as z from 'zod'
import type { SliceRule } from '../slices.ts'
import { metricsFrom } from './records.ts'
import { PlaylistItem, VideoStats } from './resources.ts'

const Listed = PlaylistItem.pick({ contentDetails: true })
const Numbered = z.object({ id: z.string().min(1), statistics: VideoStats.shape.statistics })

/**
 * By endpoint. Of recorded videos seen twice, 98 in 100 have the same text but for `statistics` and `etag`, which changes
 * with every number.
 */
export const youtubeSlices: Readonly<Record<string, SliceRule>> = {
  videos: {
    group: 'detail',
    volatile: ['etag', 'statistics'],
    parts: ['id', 'statistics'],
    read: (parts) => {
      const found = Numbered.safeParse(parts)
      return found.success ? { native_id: found.data.id, metrics: metricsFrom(found.data.statistics) } : null
    },
  },
  playlistItems: {
    group: 'listing',
    volatile: ['etag'],
    parts: ['contentDetails'],
    read: (parts) => {
      const found = Listed.safeParse(parts)
      return found.success && found.data.contentDetails.videoPublishedAt
        ? { native_id: found.data.contentDetails.videoId, metrics: null }
        : null
    },
  },
}
