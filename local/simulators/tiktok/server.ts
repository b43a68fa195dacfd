import { createHash } from 'node:crypto'
import type { World } from '../../world/world.ts'
import { namedFaults } from '../faults.ts'
import { openSimulator, type SimAnswer, type SimRequest, type Simulator } from '../server.ts'
import { openTiktokConsent } from './consent.ts'
import { openResearch } from './research.ts'
import { openTokens, type Tokens } from './tokens.ts'

export interface TiktokSimulatorOptions {
  readonly world: World
  readonly now: () => Date
  /** Calls of each endpoint in any 60 seconds. */
  readonly callsPerMinute?: number
  /** Calls of the Research API in a day of UTC. */
  readonly researchCallsPerDay?: number
  /** How long an access token lives. */
  readonly accessS?: number
}

type Resource = Readonly<Record<string, unknown>>

export interface TiktokSimulator extends Simulator {
  /** The first tokens of an account, as its owner's consent gives them. */
  consent(openId: string): Tokens
  /** An address that owners may be sent back to. */
  register(redirect: string): void
}

/**
 * TikTok Display API v2 over a world: user info, video list, video query, and the token endpoint with single-use
 * refresh tokens; every answer has an error object; a window of calls that slides. Facts: TikTok Display API; TikTok tokens.
 */
export async function openTiktok(options: TiktokSimulatorOptions): Promise<TiktokSimulator> {
  const tokens = openTokens(options)
  const { consents, exchange } = openTiktokConsent(options.world, options.now, tokens.consent)
  const limited = openWindows(options.now, options.callsPerMinute ?? 600)
  const research = openResearch({ ...options, callsPerDay: options.researchCallsPerDay ?? 1_000 })
  const routes: Record<string, (request: SimRequest, openId: string) => SimAnswer> = {
    'GET /v2/user/info/': (request, openId) => userInfo(options.world, request, openId),
    'POST /v2/video/list/': (request, openId) => videoList(options, request, openId),
    'POST /v2/video/query/': (request, openId) => videoQuery(options, request, openId),
  }
  const answer = (request: SimRequest): SimAnswer => {
    if (request.path === '/v2/oauth/token/') return tokens.answer(request, exchange)
    if (request.path === '/v2/auth/authorize/') return consents.window(request)
    if (request.path.startsWith('/v2/research/'))
      return tokens.isOfApp(tokenOf(request)) ? research(request) : invalidToken
    const route = routes[`${request.method} ${request.path}`]
    if (!route) return refusal(404, 'invalid_params', 'no such endpoint')
    const openId = tokens.ownerOf(tokenOf(request))
    if (!openId) return invalidToken
    if (limited(request.path)) return refusal(429, 'rate_limit_exceeded', 'The API rate limit was exceeded.')
    return route(request, openId)
  }
  const simulator = await openSimulator({ answer, named: namedFaults.tiktok })
  return { ...simulator, consent: tokens.consent, register: consents.register }
}

const tokenOf = (request: SimRequest) => String(request.headers.authorization ?? '').replace(/^Bearer /, '')

/** True when the path was called too often within the last 60 seconds. */
function openWindows(now: () => Date, most: number): (path: string) => boolean {
  const calls = new Map<string, number[]>()
  return (path) => {
    const since = now().getTime() - 60_000
    const recent = (calls.get(path) ?? []).filter((at) => at > since)
    const over = recent.length >= most
    if (!over) recent.push(now().getTime())
    calls.set(path, recent)
    return over
  }
}

const logIdOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 24).toUpperCase()

function good(data: object): SimAnswer {
  return {
    status: 200,
    body: { data, error: { code: 'ok', message: '', log_id: logIdOf(JSON.stringify(data)) } },
  }
}

function refusal(status: number, code: string, message: string): SimAnswer {
  return { status, body: { data: {}, error: { code, message, log_id: logIdOf(message) } } }
}

/** Only the fields asked for; `fields` is required in the query. */
function cut(resource: Resource, request: SimRequest): Resource | undefined {
  const fields = request.query.get('fields')?.split(',')
  return fields && Object.fromEntries(Object.entries(resource).filter(([name]) => fields.includes(name)))
}

const invalidToken = refusal(
  401,
  'access_token_invalid',
  'The access token is invalid or not found in the request.',
)
const withoutFields = refusal(400, 'invalid_params', 'fields is required')

function userInfo(world: World, request: SimRequest, openId: string): SimAnswer {
  const profile = world.profile('tiktok', openId)
  if (!profile) return refusal(401, 'access_token_invalid', 'The user has closed the account.')
  const user = cut(profile, request)
  return user ? good({ user }) : withoutFields
}

interface Video {
  readonly resource: Resource
  readonly createdMs: number
}

/** Newest first; covers are signed for six hours from now. */
function videosOf({ world, now }: TiktokSimulatorOptions, openId: string): Video[] {
  const account = world.accountOf('tiktok', openId)
  const posts = account === null ? [] : world.postsOf('tiktok', account)
  return posts
    .map(({ resource }) => ({
      resource: freshlySigned(resource, now()),
      createdMs: Number(resource['create_time']) * 1000,
    }))
    .sort((a, b) => b.createdMs - a.createdMs)
}

function freshlySigned(resource: Resource, now: Date): Resource {
  const cover = resource['cover_image_url']
  if (typeof cover !== 'string' || !URL.canParse(cover)) return resource
  const url = new URL(cover)
  url.searchParams.set('x-expires', String(Math.floor(now.getTime() / 1000) + 6 * 3600))
  return { ...resource, cover_image_url: url.href }
}

function videoList(options: TiktokSimulatorOptions, request: SimRequest, openId: string): SimAnswer {
  const { cursor, max_count = 10 } = parsed(request) as { cursor?: number; max_count?: number }
  if (!request.query.get('fields')) return withoutFields
  if (!(max_count >= 1 && max_count <= 20)) return refusal(400, 'invalid_params', 'max_count is at most 20')
  const before = cursor ?? Number.POSITIVE_INFINITY
  const rest = videosOf(options, openId).filter(({ createdMs }) => createdMs < before)
  const page = rest.slice(0, max_count)
  return good({
    videos: page.map(({ resource }) => cut(resource, request)),
    cursor: page.at(-1)?.createdMs ?? cursor ?? options.now().getTime(),
    has_more: rest.length > page.length,
  })
}

function videoQuery(options: TiktokSimulatorOptions, request: SimRequest, openId: string): SimAnswer {
  const { filters } = parsed(request) as { filters?: { video_ids?: string[] } }
  const ids = filters?.video_ids ?? []
  if (!request.query.get('fields')) return withoutFields
  if (ids.length === 0 || ids.length > 20)
    return refusal(400, 'invalid_params', 'video_ids holds 1 to 20 ids')
  const found = videosOf(options, openId).filter(({ resource }) => ids.includes(String(resource['id'])))
  return good({ videos: found.map(({ resource }) => cut(resource, request)), has_more: false })
}

function parsed(request: SimRequest): object {
  try {
    return JSON.parse(request.body || '{}')
  } catch {
    return {}
  }
}
