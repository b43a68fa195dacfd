import type { World } from '../../world/world.ts'
import { namedFaults } from '../faults.ts'
import { openSimulator, type SimAnswer, type SimRequest, type Simulator } from '../server.ts'
import { openInstagramConsent } from './consent.ts'
import * as errors from './errors.ts'
import { type Field, parseFields } from './grammar.ts'
import { cut, mediaOf, missingField, pageOf, type Resource, signer } from './media.ts'
import { type LongLived, openTokens, ownUser, sharedToken } from './tokens.ts'
import { accountHeaders, appHeaders, openUsage } from './usage.ts'

export interface InstagramSimulatorOptions {
  readonly world: World
  readonly now: () => Date
  /** Calls of the app in any hour. */
  readonly appCallsPerHour?: number
  /** Calls for one account in any hour. */
  readonly accountCallsPerHour?: number
  /** Captions of others come without the @ sign (Instagram Business Discovery). */
  readonly stripsAt?: boolean
  /** Fields that exist no more. */
  readonly withdrawn?: readonly string[]
}

export interface InstagramSimulator extends Simulator {
  /** A token of an account, as its owner's consent gives it. */
  consent(id: string): LongLived
  /** An address that owners may be sent back to. */
  register(redirect: string): void
}

/**
 * The Graph API for Instagram over a world: user and media edge by the owner's token, `business_discovery` by the
 * shared one, renewal of tokens, a CDN whose links end; usage headers from real counters. Facts: Instagram API.
 */
export async function openInstagram(options: InstagramSimulatorOptions): Promise<InstagramSimulator> {
  const { now, world } = options
  const tokens = openTokens(now)
  const login = openInstagramConsent(world, now, tokens.consent)
  const app = openUsage(now, options.appCallsPerHour ?? 200)
  const accounts = openUsage(now, options.accountCallsPerHour ?? 200)
  const withdrawn = new Set(options.withdrawn)

  const discover = (request: SimRequest): SimAnswer => {
    const used = app.call('app')
    if (used.over) return errors.appThrottled(appHeaders(used))
    const answer = discovery({ world, withdrawn, request, sign: signerFor(request), options })
    return { ...answer, headers: { ...answer.headers, ...appHeaders(used) } }
  }
  const ofOwner = (request: SimRequest, owner: string, token: string): SimAnswer => {
    const used = accounts.call(owner)
    if (used.over) return errors.accountThrottled(accountHeaders(owner, used))
    const [, , id, edge] = request.path.split('/')
    const answer =
      id === owner || id === 'me'
        ? ownEdge({ world, withdrawn, request, sign: signerFor(request), owner, edge, token })
        : errors.unknownObject
    return { ...answer, headers: { ...answer.headers, ...accountHeaders(owner, used) } }
  }
  const signerFor = (request: SimRequest) => signer(now(), String(request.headers.host))
  const answer = (request: SimRequest): SimAnswer => {
    if (request.path.startsWith('/cdn/')) return picture(request, now())
    if (request.path === '/refresh_access_token') return tokens.refresh(request)
    const granted = login.answer(request)
    if (granted) return granted
    if (!/^\/v2[1-6]\.0\//.test(request.path)) return errors.badRequest('Unknown path components')
    return ofGraph(request)
  }
  const ofGraph = (request: SimRequest): SimAnswer => {
    const token =
      request.query.get('access_token') ?? String(request.headers.authorization ?? '').replace(/^Bearer /, '')
    const owner = tokens.ownerOf(token)
    if (owner) return ofOwner(request, owner, token)
    if (token !== sharedToken) return errors.badToken
    return request.path.endsWith(`/${ownUser.id}`) ? discover(request) : errors.unknownObject
  }
  const simulator = await openSimulator({ answer, named: namedFaults.instagram })
  return { ...simulator, consent: tokens.consent, register: login.consents.register }
}

interface Asking {
  readonly world: World
  readonly withdrawn: ReadonlySet<string>
  readonly request: SimRequest
  readonly sign: (url: string) => string
}

interface DiscoveryAsking extends Asking {
  readonly options: InstagramSimulatorOptions
}

/** `business_discovery.username(x){…}`: a professional account by its username, with its media nested. */
function discovery({ world, withdrawn, request, sign, options }: DiscoveryAsking): SimAnswer {
  const asked = parseFields(request.query.get('fields') ?? '')
  const field = asked?.find(({ name }) => name === 'business_discovery')
  const username = field?.modifiers.get('username')
  if (!field || !username) return errors.badRequest('fields must hold business_discovery.username(…){…}')
  const unknown = missingField(field.fields, 'user', withdrawn)
  if (unknown) return errors.unknownField(unknown)
  const user = userNamed(world, username)
  if (!user) return errors.noSuchUser
  const media = field.fields.find(({ name }) => name === 'media')
  const edge = media && nestedEdge(world, user, media, sign, options.stripsAt ?? true)
  if (edge === 'bad cursor') return errors.badCursor
  const own = { ...cut(user, field.fields, sign), id: user['id'] }
  return {
    status: 200,
    body: { business_discovery: { ...own, ...(edge ? { media: edge } : {}) }, id: ownUser.id },
  }
}

function userNamed(world: World, username: string): Resource | undefined {
  for (const user of world.profiles('instagram'))
    if (String(user['username']).toLowerCase() === username.toLowerCase()) return user
  return undefined
}

/** Cursors only, no link; a full page has one even when it is the last. */
function nestedEdge(
  world: World,
  user: Resource,
  field: Field,
  sign: (url: string) => string,
  stripsAt: boolean,
): object | 'bad cursor' {
  const limit = Math.min(Number(field.modifiers.get('limit') ?? 25), 50)
  const key = world.accountOf('instagram', String(user['id'])) ?? ''
  const page = pageOf(mediaOf(world, key), limit, field.modifiers.get('after'))
  if (!page) return 'bad cursor'
  const data = page.items.map((item) => {
    const shown = cut(item, field.fields, sign)
    const caption = shown['caption']
    return stripsAt && typeof caption === 'string'
      ? { ...shown, caption: caption.replaceAll('@', '') }
      : shown
  })
  if (data.length === 0) return { data: [] }
  const goesOn = !page.isLast || data.length === limit
  return { data, paging: { cursors: goesOn ? { after: page.after } : {} } }
}

interface OwnAsking extends Asking {
  readonly owner: string
  readonly edge: string | undefined
  readonly token: string
}

function ownEdge({ world, withdrawn, request, sign, owner, edge, token }: OwnAsking): SimAnswer {
  const user = world.profile('instagram', owner)
  if (!user) return errors.badToken
  const fields = parseFields(request.query.get('fields') ?? 'id')
  if (!fields) return errors.badRequest('fields cannot be read')
  const unknown = missingField(fields, edge === 'media' ? 'media' : 'user', withdrawn)
  if (unknown) return errors.unknownField(unknown)
  const whole = { ...user, user_id: owner, account_type: 'BUSINESS' }
  if (edge === undefined) return { status: 200, body: { ...cut(whole, fields, sign), id: owner } }
  if (edge !== 'media') return errors.unknownObject
  const limit = Number(request.query.get('limit') ?? 25)
  if (!(limit >= 1 && limit <= 100)) return errors.badRequest('limit is at most 100')
  const key = world.accountOf('instagram', owner) ?? ''
  const page = pageOf(mediaOf(world, key), limit, request.query.get('after') ?? undefined)
  if (!page) return errors.badCursor
  const data = page.items.map((item) => cut(item, fields, sign))
  if (page.after === null) return { status: 200, body: { data } }
  // The link holds the token; the last page has a cursor and no link.
  const next = `https://${request.headers.host}${request.path}?access_token=${token}&limit=${limit}&after=${page.after}`
  const paging = { cursors: { before: page.after, after: page.after }, ...(page.isLast ? {} : { next }) }
  return { status: 200, body: { data, paging } }
}

/** A link that has ended is refused in plain text. */
function picture(request: SimRequest, now: Date): SimAnswer {
  const end = Number.parseInt(request.query.get('oe') ?? '0', 16)
  const headers = { 'content-type': 'text/plain' }
  return end * 1000 > now.getTime()
    ? { status: 200, body: `picture ${request.path}`, headers }
    : { status: 403, body: 'URL signature expired', headers }
}
