import { tiktok } from '#shared/platforms/tiktok/connector.ts'
import { openTiktok } from '../../local/simulators/tiktok/server.ts'
import { type Observation, worldOf } from '../../local/world/world.ts'
import { connectorSuite } from '../connector.suite.ts'
import { errorTable, refusalOf } from '../tiktok/error-table.ts'

const newestS = Date.UTC(2026, 9, 1) / 1000

/** A user with so many videos; two of them share every second. */
function observations(count: number): Observation[] {
  const line = { platform: 'tiktok' as const, account: 'a_brand', at: '2026-01-01T00:00:00.000Z' }
  const user = { open_id: 'open-1', username: 'a_brand', follower_count: 10, video_count: count }
  const videos = Array.from({ length: count }, (_, number): Observation => {
    const id = `7${String(number).padStart(18, '0')}`
    const resource = {
      id,
      create_time: newestS - Math.ceil(number / 2) * 60,
      video_description: `video ${number}`,
      view_count: number,
    }
    return { ...line, kind: 'post', id, resource }
  })
  return [{ ...line, kind: 'profile', id: 'open-1', resource: user }, ...videos]
}

type Answer = { readonly data?: { readonly videos?: readonly unknown[] } }

connectorSuite({
  platform: 'tiktok',
  access_mode: 'own_oauth',
  listPath: '/v2/video/list/',
  pageSize: 20,
  open: async ({ posts, now, calls }) => {
    const world = worldOf('one user', observations(posts), () => null)
    // Their window slides: ours holds half of it.
    const callsPerMinute = calls === undefined ? 10_000 : 2 * calls
    const simulator = await openTiktok({ world, now, callsPerMinute, accessS: 90 * 86_400 })
    const connector = tiktok({ fetch, baseUrl: simulator.url, callsPerMinute })
    const { access_token: access } = simulator.consent('open-1')
    return {
      simulator,
      connector,
      account: { handle: null, native_id: 'open-1' },
      token: { access, of: 'account' },
    }
  },
  items: (body) => (body as Answer).data?.videos ?? [],
  withItems: (body, videos) => ({ ...(body as Answer), data: { ...(body as Answer).data, videos } }),
  placeRefused: null,
  refusals: errorTable.map(({ status, code }) => ({
    name: `${status} ${code}`,
    answer: { status, body: refusalOf(code) },
  })),
})
