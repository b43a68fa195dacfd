import { createHash } from 'node:crypto'
import type { World } from '../../world/world.ts'
import type { SimAnswer, SimRequest } from '../server.ts'

interface ResearchWorld {
  readonly world: World
  readonly now: () => Date
  /** Calls in a day of UTC. */
  readonly callsPerDay: number
}

type Resource = Readonly<Record<string, unknown>>

const dayMs = 86_400_000
const error = (code: string, message = '') => ({ code, message, log_id: '202601010000000000000000' })
const good = (data: object): SimAnswer => ({ status: 200, body: { data, error: error('ok') } })
const refuse = (status: number, code: string, message: string): SimAnswer => ({
  status,
  body: { data: {}, error: error(code, message) },
})

/** A number above 2^53 as it stands in their JSON. */
const int64 = (digits: string): unknown =>
  (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON(digits)

/**
 * TikTok Research API over a world: users by name, videos by name and days, the newest first, pages bound to a search;
 * ids are JSON numbers above 2^53, and a day of UTC has so many calls. Facts: TikTok Research API.
 */
export function openResearch({ world, now, callsPerDay }: ResearchWorld) {
  let [day, calls] = [0, 0]
  const isOver = () => {
    const today = Math.floor(now().getTime() / dayMs)
    if (today !== day) [day, calls] = [today, 0]
    calls += 1
    return calls > callsPerDay
  }
  return (request: SimRequest): SimAnswer => {
    if (isOver()) return refuse(429, 'daily_quota_limit_exceeded', 'The daily quota limit is exceeded')
    const fields = request.query.get('fields')?.split(',')
    if (!fields) return refuse(400, 'invalid_params', 'fields is required')
    const cut = (resource: Resource) =>
      Object.fromEntries(Object.entries(resource).filter(([name]) => fields.includes(name)))
    const body = JSON.parse(request.body) as Resource
    if (request.path === '/v2/research/user/info/') return userInfo(world, String(body['username']), cut)
    if (request.path === '/v2/research/video/query/') return videoQuery(world, body, cut)
    return refuse(404, 'invalid_params', 'no such endpoint')
  }
}

type Cut = (resource: Resource) => Resource

function userInfo(world: World, username: string, cut: Cut): SimAnswer {
  const user = userNamed(world, username)
  return user ? good(cut(user)) : refuse(400, 'invalid_params', 'The user does not exist')
}

function userNamed(world: World, username: string): Resource | undefined {
  for (const user of world.profiles('tiktok')) if (user['username'] === username) return user
  return undefined
}

interface VideoQuery {
  readonly query?: {
    readonly and?: readonly { readonly field_name: string; readonly field_values: readonly string[] }[]
  }
  readonly start_date?: string
  readonly end_date?: string
  readonly max_count?: number
  readonly cursor?: number
  readonly search_id?: string
}

const timeOf = (date: string | undefined) => {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(date ?? '') ?? []
  return Date.UTC(Number(year), Number(month) - 1, Number(day))
}

function videoQuery(world: World, body: Resource, cut: Cut): SimAnswer {
  const { query, start_date, end_date, max_count = 20, cursor = 0, search_id } = body as VideoQuery
  const [from, to] = [timeOf(start_date), timeOf(end_date)]
  const username = query?.and?.find(({ field_name }) => field_name === 'username')?.field_values[0] ?? ''
  if (!(to >= from && to - from <= 30 * dayMs))
    return refuse(400, 'invalid_params', 'end_date must be no later than 30 days after start_date')
  if (!(max_count >= 1 && max_count <= 100)) return refuse(400, 'invalid_params', 'max_count is at most 100')
  const search = createHash('sha1').update(`${username} ${start_date} ${end_date}`).digest('hex').slice(0, 19)
  if (cursor > 0 && search_id !== search)
    return refuse(400, 'invalid_params', `Search Id ${search_id} is invalid or expired`)
  const all = videosOf(world, username).filter(({ create_time }) => {
    const at = Number(create_time) * 1000
    return at >= from && at < to + dayMs
  })
  const page = all.slice(cursor, cursor + max_count)
  const has_more = cursor + page.length < all.length
  return good({ videos: page.map(cut), cursor: cursor + page.length, has_more, search_id: search })
}

/** The videos of a user as research shows them: the newest id first, and no picture. */
function videosOf(world: World, username: string): Resource[] {
  const user = userNamed(world, username)
  const key = user && world.accountOf('tiktok', String(user['open_id']))
  const posts = key ? world.postsOf('tiktok', key) : []
  return posts
    .sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1))
    .map(({ id, resource }) => {
      const text = String(resource['video_description'] ?? '')
      return {
        ...resource,
        id: int64(id),
        username,
        region_code: 'US',
        video_duration: Math.floor(Number(resource['duration'] ?? 0)),
        favorites_count: Math.floor(Number(resource['like_count'] ?? 0) / 20),
        hashtag_names: [...text.matchAll(/#([\p{L}\p{N}_]+)/gu)].map(([, tag]) => tag),
        video_mention_list: [...text.matchAll(/@([\w.]+\w)/g)].map(([, name]) => name),
      }
    })
}
