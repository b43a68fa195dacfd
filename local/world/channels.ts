import type { Observation } from './world.ts'

const newest = Date.UTC(2026, 9, 1)

/** YouTube channels with so many videos each, an hour apart, the first of them in October 2026. */
export function channels(counts: readonly number[]): Observation[] {
  return counts.flatMap((count, index): Observation[] => {
    const id = `UC${String(index).padStart(22, '0')}`
    const line = { platform: 'youtube' as const, account: id, at: '2026-01-01T00:00:00.000Z' }
    const channel = {
      id,
      snippet: { title: `channel ${index}`, customUrl: `@channel${index}`, thumbnails: {} },
      contentDetails: { relatedPlaylists: { uploads: `UU${id.slice(2)}` } },
      statistics: { videoCount: String(count) },
    }
    const videos = Array.from({ length: count }, (_, number): Observation => {
      const video = `v${index}_${String(number).padStart(7, '0')}`
      const resource = {
        id: video,
        snippet: {
          publishedAt: new Date(newest - number * 3_600_000).toISOString(),
          channelId: id,
          title: `video ${number}`,
          thumbnails: {},
        },
        contentDetails: { duration: 'PT5M' },
        statistics: { viewCount: '1' },
        status: { privacyStatus: 'public' },
      }
      return { ...line, kind: 'post', id: video, resource }
    })
    return [{ ...line, kind: 'profile', id, resource: channel }, ...videos]
  })
}
