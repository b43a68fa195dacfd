import { tiktok } from '#shared/platforms/tiktok/index.ts'
import { openTiktok } from '../../local/simulators/tiktok/server.ts'
import { type Observation, worldOf } from '../../local/world/world.ts'
import { connectorSuite } from '../connector.suite.ts'
import { errorTable, refusalOf } from '../tiktok/error-table.ts'

const october = new Date('2026-10-01T00:00:00Z')

/** A user with so many videos; two of them share every second. */
function observations(count: number, newest = october): Observation[] {
  const newestS = Math.floor(newest.getTime() / 1000)
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
  definition: tiktok,
  access_mode: 'own_oauth',
  listPath: '/v2/video/list/',
  pageSize: 20,
  open: async ({ posts, now, calls }) => {
    const world = worldOf('one user', observations(posts), () => null)
    // Their window slides: ours holds half of it.
    const callsPerMinute = calls === undefined ? 10_000 : 2 * calls
    const simulator = await openTiktok({ world, now, callsPerMinute, accessS: 90 * 86_400 })
    const env = { TIKTOK_API_URL: simulator.url, TIKTOK_CALLS_PER_MINUTE: String(callsPerMinute) }
    const { access_token: access } = simulator.consent('open-1')
    return {
      simulator,
      env,
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

const noResearch = refusalOf('rate_limit_exceeded')

connectorSuite({
  definition: tiktok,
  access_mode: 'research',
  listPath: '/v2/research/video/query/',
  pageSize: 100,
  open: async ({ posts, now, calls }) => {
    // All of it within the newest window of days.
    const world = worldOf('one user', observations(posts, new Date(now().getTime() - 3_600_000)), () => null)
    const callsPerDay = calls ?? 10_000
    const simulator = await openTiktok({ world, now, researchCallsPerDay: callsPerDay })
    const since = new Date(now().getTime() - 40 * 86_400_000)
    const env = {
      ...{ TIKTOK_API_URL: simulator.url, TIKTOK_RESEARCH_CALLS_PER_DAY: String(callsPerDay) },
      ...{ TIKTOK_RESEARCH_CLIENT_KEY: 'client', TIKTOK_RESEARCH_CLIENT_SECRET: 'client-secret' },
      TIKTOK_RESEARCH_SINCE: since.toISOString().slice(0, 10),
    }
    return { simulator, env, account: { handle: 'a_brand', native_id: 'a_brand' }, token: null }
  },
  items: (body) => (body as Answer).data?.videos ?? [],
  withItems: (body, videos) => ({ ...(body as Answer), data: { ...(body as Answer).data, videos } }),
  placeRefused: {
    status: 400,
    body: {
      ...noResearch,
      error: { ...noResearch.error, code: 'invalid_params', message: 'search_id does not fit' },
    },
  },
  refusals: [
    ...errorTable.map(({ status, code }) => ({
      name: `${status} ${code}`,
      answer: { status, body: refusalOf(code) },
    })),
    {
      name: 'the day is used up',
      answer: {
        status: 429,
        body: { ...noResearch, error: { ...noResearch.error, message: 'daily quota' } },
      },
    },
  ],
})
