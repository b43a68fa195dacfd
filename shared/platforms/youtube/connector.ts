import * as z from 'zod'
import { RetryableError } from '../../errors.ts'
import { type Fetch, type HttpAnswer, parseJson, request } from '../../http/request.ts'
import type { Subject } from '../../model/account.ts'
import type { QuotaNeed } from '../../model/quota.ts'
import type { Cursor } from '../../model/sync.ts'
import type { Connector, Listing, Lookup } from '../platform.ts'
import { cleanJson } from '../text/clean.ts'
import { verdictOf } from './errors.ts'
import { read } from './read.ts'
import { Channel, Envelope, PlaylistItem } from './resources.ts'

export interface YoutubeOptions {
  readonly fetch: Fetch
  readonly apiKey: string
  /** https://www.googleapis.com/youtube/v3 or a simulator. */
  readonly baseUrl: string
  readonly unitsPerDay: number
  readonly callsPerMinute: number
}

/** At most 50 ids a call and 50 entries a page; uploads lists end at about 20,000 entries (platform-apis 1.1, 1.4). */
const batchSize = 50
const listCap = 20_000 / batchSize

/** YouTube Data API v3 with an API key: channels, the uploads walk, videos. Facts: platform-apis section 1. */
export function youtube(options: YoutubeOptions): Connector {
  const need: QuotaNeed = {
    units: 1,
    windows: [
      { pool: 'youtube.general.day', limit: options.unitsPerDay, period: 'day', zone: 'America/Los_Angeles' },
      { pool: 'youtube.general.minute', limit: options.callsPerMinute, period: 'minute', zone: 'UTC' },
    ],
  }
  const get = (path: string, params: Record<string, string>) => call(options, path, params)
  return {
    platform: 'youtube',
    profiles: channelLookup(need, get),
    list: {
      endpoint: 'playlistItems',
      need: () => need,
      cap: listCap,
      ask: (_subject, cursor) => uploads(get, cursor),
    },
    posts: videoLookup(need, get),
    read,
  }
}

type Get = (path: string, params: Record<string, string>) => Promise<HttpAnswer>

/** One call; the key never reaches a body, a message or an error that leaves here. */
async function call(
  options: YoutubeOptions,
  path: string,
  params: Record<string, string>,
): Promise<HttpAnswer> {
  const query = new URLSearchParams({ ...params, key: options.apiKey })
  const answer = await request(options.fetch, `${options.baseUrl}/${path}?${query}`, {
    headers: { 'accept-encoding': 'gzip', 'user-agent': 'social-sync (gzip)' },
  })
  return { ...answer, text: answer.text.replaceAll(options.apiKey, '[key]') }
}

function envelopeOf(answer: HttpAnswer): z.infer<typeof Envelope> & Record<string, unknown> {
  if (answer.status !== 200) throw verdictOf(answer.status, answer.headers, answer.text)
  const parsed = z.looseObject(Envelope.shape).safeParse(parseJson(answer.text))
  if (!parsed.success)
    throw new RetryableError('YouTube sent an answer of unknown shape', { reason: 'broken_answer' })
  return parsed.data
}

const Id = z.object({ id: z.string() })
const idOf = (item: unknown) => Id.safeParse(item).data?.id

/** Ids go 50 a call; a handle goes alone (forHandle takes one). */
function channelLookup(need: QuotaNeed, get: Get): Lookup<Subject> {
  const part = 'id,snippet,contentDetails,statistics,status,brandingSettings'
  return {
    endpoint: 'channels',
    need: () => need,
    size: batchSize,
    batches: (items, keyOf) => {
      const known = items.filter((item) => keyOf(item).native_id !== null)
      const unknown = items.filter((item) => keyOf(item).native_id === null)
      return [...chunked(known), ...unknown.map((item) => [item])]
    },
    ask: async (subjects) => {
      const ids = subjects.flatMap((subject) => subject.native_id ?? [])
      const key =
        ids.length > 0 ? { id: ids.join(','), maxResults: '50' } : { forHandle: subjects[0]?.handle ?? '' }
      const answer = await get('channels', { part, ...key })
      const envelope = envelopeOf(answer)
      return {
        answeredAt: answer.answeredAt,
        partFor: (wanted) => {
          const byId = new Set(wanted.flatMap((subject) => subject.native_id ?? []))
          const items =
            ids.length > 0 ? envelope.items.filter((item) => byId.has(idOf(item) ?? '')) : envelope.items
          const channel = Channel.safeParse(cleanJson(items[0])).data
          return {
            body: JSON.stringify({ ...envelope, items }),
            found: items.length,
            list_ref: channel?.contentDetails?.relatedPlaylists.uploads || null,
            posts: countOf(channel?.statistics?.videoCount),
            listing: null,
          }
        },
      }
    },
  }
}

function videoLookup(need: QuotaNeed, get: Get): Lookup<string> {
  const part =
    'snippet,contentDetails,statistics,status,liveStreamingDetails,player,paidProductPlacementDetails'
  return {
    endpoint: 'videos',
    need: () => need,
    size: batchSize,
    batches: (items) => chunked(items),
    ask: async (ids) => {
      const answer = await get('videos', { part, id: ids.join(','), maxHeight: '1280' })
      const envelope = envelopeOf(answer)
      return {
        answeredAt: answer.answeredAt,
        partFor: (wanted) => {
          const ofTask = new Set(wanted)
          const items = envelope.items.filter((item) => ofTask.has(idOf(item) ?? ''))
          return {
            body: JSON.stringify({ ...envelope, items }),
            found: items.length,
            list_ref: null,
            posts: null,
            listing: null,
          }
        },
      }
    },
  }
}

/** One page of the uploads list, newest first, nearly. 404 means that the channel has no public video. */
async function uploads(get: Get, cursor: Cursor): Promise<Listing> {
  const answer = await get('playlistItems', {
    part: 'snippet,contentDetails,status',
    playlistId: cursor.list_ref ?? '',
    maxResults: String(batchSize),
    ...(cursor.position ? { pageToken: cursor.position } : {}),
  })
  if (answer.status === 404 && cursor.position === null) {
    return { body: answer.text, answeredAt: answer.answeredAt, items: [], lookup: [], next: null }
  }
  const envelope = envelopeOf(answer)
  const entries = envelope.items.flatMap((item) => PlaylistItem.safeParse(cleanJson(item)).data ?? [])
  const items = entries.map(({ contentDetails }) => ({
    id: contentDetails.videoId,
    published_at: contentDetails.videoPublishedAt ?? null,
  }))
  return {
    body: answer.text,
    answeredAt: answer.answeredAt,
    items,
    lookup: items.map((item) => item.id),
    next: envelope.nextPageToken ?? null,
  }
}

const countOf = (text: string | undefined) => (text === undefined ? null : Number(text))

function chunked<Item>(items: readonly Item[]): Item[][] {
  const count = Math.ceil(items.length / batchSize)
  return Array.from({ length: count }, (_, index) => items.slice(index * batchSize, (index + 1) * batchSize))
}
