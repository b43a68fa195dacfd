import { youtube } from '#shared/platforms/youtube/index.ts'
import { badKey, refuse } from '../../local/simulators/youtube/errors.ts'
import { exhausted, tooFast } from '../../local/simulators/youtube/quota.ts'
import { openYoutube } from '../../local/simulators/youtube/server.ts'
import { type Observation, worldOf } from '../../local/world/world.ts'
import { connectorSuite } from '../connector.suite.ts'
import { errorTable, refusalOf } from '../youtube/error-table.ts'

const channel = `UC${'a'.repeat(22)}`
const key = 'simulated-youtube-key'
const newest = Date.UTC(2026, 9, 1)

/** A channel with so many videos, an hour apart. */
function observations(count: number): Observation[] {
  const line = { platform: 'youtube' as const, account: channel, at: '2026-01-01T00:00:00.000Z' }
  const resource = {
    id: channel,
    snippet: { title: 'A channel', customUrl: '@a.channel', thumbnails: {} },
    contentDetails: { relatedPlaylists: { uploads: `UU${channel.slice(2)}` } },
    statistics: { videoCount: String(count), subscriberCount: '10', viewCount: '100' },
  }
  const videos = Array.from({ length: count }, (_, number): Observation => {
    const id = `video${String(number).padStart(6, '0')}`
    const publishedAt = new Date(newest - number * 3_600_000).toISOString()
    const snippet = { channelId: channel, title: `video ${number} #tag`, publishedAt, thumbnails: {} }
    const statistics = { viewCount: String(number), likeCount: '1' }
    const video = {
      id,
      snippet,
      contentDetails: { duration: 'PT2M' },
      status: { privacyStatus: 'public' },
      statistics,
    }
    return { ...line, kind: 'post', id, resource: video }
  })
  return [{ ...line, kind: 'profile', id: channel, resource }, ...videos]
}

type List = { readonly items?: readonly unknown[] }

connectorSuite({
  definition: youtube,
  access_mode: 'public_key',
  listPath: '/youtube/v3/playlistItems',
  pageSize: 50,
  open: async ({ posts, now, calls }) => {
    const world = worldOf('one channel', observations(posts), () => null)
    const unitsPerDay = calls ?? 10_000
    const simulator = await openYoutube({ world, now, apiKey: key, unitsPerDay, callsPerMinute: 6_000 })
    const env = {
      ...{ YOUTUBE_API_KEY: key, YOUTUBE_API_URL: simulator.url },
      ...{ YOUTUBE_UNITS_PER_DAY: String(unitsPerDay), YOUTUBE_CALLS_PER_MINUTE: '6000' },
    }
    return { simulator, env, account: { handle: null, native_id: channel }, token: null }
  },
  items: (body) => (body as List).items ?? [],
  withItems: (body, items) => ({ ...(body as List), items }),
  placeRefused: refuse(400, 'invalidPageToken', 'The request specifies an invalid page token.', 'pageToken'),
  refusals: [
    { name: 'quota', answer: exhausted },
    { name: 'rate', answer: tooFast },
    { name: 'key', answer: badKey },
    ...errorTable.map((row) => ({
      name: `${row.status} ${row.reason}`,
      answer: { status: row.status, body: refusalOf(row) },
    })),
  ],
})
