import { createHash } from 'node:crypto'
import type { World } from '../../world/world.ts'
import { namedFaults } from '../faults.ts'
import { openSimulator, type SimAnswer, type SimRequest, type Simulator } from '../server.ts'
import { badKey, refuse } from './errors.ts'
import { openQuota, type YoutubeLimits } from './quota.ts'
import { playlistItem, tokens, uploadsOf } from './uploads.ts'

export interface YoutubeSimulatorOptions extends Partial<YoutubeLimits> {
  readonly world: World
  readonly now: () => Date
  readonly apiKey: string
}

type Resource = Readonly<Record<string, unknown>>

/**
 * YouTube Data API v3 over a world, as far as the connector uses it: envelopes, parts, paging tokens, quota by the
 * Pacific day, errors with details, ETags. It follows the documents of the YouTube Data API, not our
 * connector, and may be used to write other connectors.
 */
export async function openYoutube(
  options: YoutubeSimulatorOptions,
): Promise<Simulator & { unitsUsed(): number }> {
  const limits = {
    unitsPerDay: options.unitsPerDay ?? 10_000,
    statsCallsPerDay: options.statsCallsPerDay ?? 10_000,
    callsPerMinute: options.callsPerMinute ?? 6_000,
  }
  const quota = openQuota(limits, options.now)
  const handles = handleIndex(options.world)
  const routes: Record<string, (query: URLSearchParams) => SimAnswer> = {
    '/youtube/v3/channels': (query) => channels(options.world, handles, query),
    '/youtube/v3/playlistItems': (query) => playlistItems(options.world, query),
    '/youtube/v3/videos': (query) => videos(options.world, query),
    '/youtube/v3/videos:batchGetStats': (query) => stats(options.world, query),
  }
  const answer = (request: SimRequest): SimAnswer => {
    const route = routes[request.path]
    if (!route) return refuse(404, 'notFound', 'Not found')
    if (request.query.get('key') !== options.apiKey) return badKey
    const bucket = request.path.endsWith(':batchGetStats') ? 'stats' : 'general'
    return quota.spend(bucket) ?? withEtag(route(request.query), request)
  }
  const simulator = await openSimulator({ answer, named: namedFaults.youtube })
  return { ...simulator, url: `${simulator.url}/youtube/v3`, unitsUsed: quota.used }
}

function withEtag(answer: SimAnswer, request: SimRequest): SimAnswer {
  if (answer.status !== 200) return answer
  const etag = `"${createHash('sha1').update(JSON.stringify(answer.body)).digest('base64url')}"`
  if (request.headers['if-none-match'] === etag) return { status: 304, body: undefined, headers: { etag } }
  return { status: 200, body: { ...(answer.body as object), etag }, headers: { etag } }
}

function handleIndex(world: World): () => Map<string, string> {
  return () => {
    const found = new Map<string, string>()
    for (const profile of world.profiles('youtube')) {
      const { id, snippet } = profile as { id: string; snippet: { customUrl?: string } }
      if (snippet.customUrl) found.set(snippet.customUrl.replace(/^@/, '').toLowerCase(), id)
    }
    return found
  }
}

const known: Record<string, ReadonlySet<string>> = {
  channel: new Set([
    'id',
    'snippet',
    'contentDetails',
    'statistics',
    'status',
    'brandingSettings',
    'topicDetails',
  ]),
  playlistItem: new Set(['id', 'snippet', 'contentDetails', 'status']),
  video: new Set(
    'id,snippet,contentDetails,statistics,status,liveStreamingDetails,player,paidProductPlacementDetails,topicDetails'.split(
      ',',
    ),
  ),
}

/** Only the parts asked for; a resource has no key for a part that it has not. */
function cut(kind: string, resource: Resource, parts: ReadonlySet<string>): Resource {
  const kept = Object.entries(resource).filter(
    ([name]) => ['kind', 'etag', 'id'].includes(name) || parts.has(name),
  )
  return { kind: `youtube#${kind}`, ...Object.fromEntries(kept) }
}

function partsOf(kind: string, query: URLSearchParams): ReadonlySet<string> | SimAnswer {
  const parts = query.get('part')?.split(',') ?? []
  if (parts.length === 0)
    return refuse(400, 'missingRequiredParameter', 'No filter selected: part is required.', 'part')
  const unknown = parts.find((part) => !known[kind]?.has(part))
  if (unknown) return refuse(400, 'unknownPart', `'${unknown}'`, 'part')
  return new Set(parts)
}

const isAnswer = (value: ReadonlySet<string> | SimAnswer): value is SimAnswer => 'status' in value

function idsOf(query: URLSearchParams): string[] | SimAnswer {
  const ids = query.get('id')?.split(',') ?? []
  return ids.length > 50 ? refuse(400, 'invalidFilters', 'The request specifies too many ids.', 'id') : ids
}

/** No `items` at all when nothing is found (YouTube Data API, as recorded). */
function list(kind: string, items: readonly Resource[], perPage = 50): SimAnswer {
  const pageInfo = { totalResults: items.length, resultsPerPage: perPage }
  return {
    status: 200,
    body: { kind: `youtube#${kind}ListResponse`, pageInfo, ...(items.length > 0 ? { items } : {}) },
  }
}

/** In this world a channel of before 2014 has the letters and digits of its handle for a name; names of that time had no others. */
function ofUsername(query: URLSearchParams, handles: () => Map<string, string>): string | undefined {
  const name = query.get('forUsername')?.toLowerCase()
  if (name === undefined) return undefined
  return [...handles().keys()].find((handle) => handle.replaceAll(/[^a-z0-9]/g, '') === name) ?? ''
}

function channels(world: World, handles: () => Map<string, string>, query: URLSearchParams): SimAnswer {
  const parts = partsOf('channel', query)
  if (isAnswer(parts)) return parts
  const handle = query.get('forHandle')?.replace(/^@/, '').toLowerCase() ?? ofUsername(query, handles)
  const ids = handle === undefined ? idsOf(query) : [handles().get(handle) ?? '']
  if (!Array.isArray(ids)) return ids
  if (handle === undefined && ids.length === 0)
    return refuse(400, 'missingRequiredParameter', 'No filter selected.')
  const found = ids.flatMap((id): Resource[] => {
    const profile = world.profile('youtube', id)
    return profile ? [profile] : []
  })
  return list(
    'channel',
    found.map((resource) => cut('channel', resource, parts)),
  )
}

function videos(world: World, query: URLSearchParams): SimAnswer {
  const parts = partsOf('video', query)
  if (isAnswer(parts)) return parts
  const ids = idsOf(query)
  if (!Array.isArray(ids)) return ids
  const found = ids.flatMap((id) => world.post('youtube', id) ?? [])
  const items = found.map(({ resource }) => cut('video', resource, parts))
  return {
    status: 200,
    body: {
      kind: 'youtube#videoListResponse',
      items,
      pageInfo: { totalResults: items.length, resultsPerPage: items.length },
    },
  }
}

/** Numbers alone, no more than 50 videos a call; missing ids are left out (YouTube Data API). */
function stats(world: World, query: URLSearchParams): SimAnswer {
  const ids = idsOf(query)
  if (!Array.isArray(ids)) return ids
  const items = ids.flatMap((id) => {
    const post = world.post('youtube', id)
    return post ? [{ kind: 'youtube#videoStats', id, statistics: post.resource['statistics'] }] : []
  })
  return { status: 200, body: { kind: 'youtube#batchGetStatsResponse', items } }
}

function playlistItems(world: World, query: URLSearchParams): SimAnswer {
  const parts = partsOf('playlistItem', query)
  if (isAnswer(parts)) return parts
  const playlistId = query.get('playlistId') ?? ''
  const size = Number(query.get('maxResults') ?? 5)
  if (!(size >= 0 && size <= 50))
    return refuse(400, 'invalidValue', 'Invalid value for maxResults.', 'maxResults')
  const channel = world.profile('youtube', `UC${playlistId.slice(2)}`)
  const uploads = channel ? uploadsOf(world.postsOf('youtube', `UC${playlistId.slice(2)}`)) : []
  if (uploads.length === 0)
    return refuse(404, 'playlistNotFound', 'The playlist cannot be found.', 'playlistId')
  const token = query.get('pageToken')
  const offset = token === null ? 0 : tokens.read(uploads, token)
  if (offset === undefined)
    return refuse(400, 'invalidPageToken', 'The request specifies an invalid page token.', 'pageToken')
  const items = uploads
    .slice(offset, offset + size)
    .map((post, index) => cut('playlistItem', playlistItem(post, playlistId, offset + index), parts))
  return {
    status: 200,
    body: {
      kind: 'youtube#playlistItemListResponse',
      ...(offset + size < uploads.length ? { nextPageToken: tokens.make(uploads, offset + size) } : {}),
      ...(offset > 0 ? { prevPageToken: tokens.make(uploads, Math.max(0, offset - size)) } : {}),
      pageInfo: { totalResults: uploads.length, resultsPerPage: size },
      items,
    },
  }
}
