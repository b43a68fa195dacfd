import * as z from 'zod'
import { type Fetch, type HttpAnswer, request } from '../../http/request.ts'
import type { Subject } from '../../model/account.ts'
import type { Cursor } from '../../model/sync.ts'
import { type CallShape, postCount } from '../calls.ts'
import { chunked } from '../chunked.ts'
import type { AskedPost, Connector, Listing, Lookup } from '../platform.ts'
import { cleanJson } from '../text/clean.ts'
import { untold } from '../trust.ts'
import { batchSize, statsCalls, type YoutubeLimits, youtubeCalls } from './calls.ts'
import { envelopeOf, isRefusal } from './envelope.ts'
import { Channel, listKinds, PlaylistItem, StatsSummary } from './resources.ts'

export interface YoutubeOptions extends YoutubeLimits {
  readonly fetch: Fetch
  readonly apiKey: string
  /** https://www.googleapis.com/youtube/v3 or a simulator. */
  readonly baseUrl: string
}

/** YouTube Data API v3 with an API key: channels, the uploads walk, videos. */
export function youtube(options: YoutubeOptions): Connector {
  const calls = youtubeCalls(options)
  const get: Get = (path, params, signal) => call(options, path, params, signal)
  return {
    profiles: channelLookup(calls.profiles, get),
    list: {
      endpoint: calls.list.endpoint,
      need: calls.list.need,
      cap: calls.list.cap,
      ask: (_subject, cursor, signal) => uploads(get, cursor, signal),
    },
    posts: postLookup(get, { ...videos, ...calls.posts }),
    refresh: postLookup(get, { ...stats, ...statsCalls(options) }),
  }
}

type Get = (path: string, params: Record<string, string>, signal: AbortSignal) => Promise<HttpAnswer>

/** One call; the key never reaches a body, a message or an error that leaves here. */
async function call(
  options: YoutubeOptions,
  path: string,
  params: Record<string, string>,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const query = new URLSearchParams({ ...params, key: options.apiKey })
  const answer = await request(options.fetch, `${options.baseUrl}/${path}?${query}`, {
    headers: { 'accept-encoding': 'gzip', 'user-agent': 'social-sync (gzip)' },
    signal,
  })
  // What is asked for never holds the key; a refusal may repeat it.
  return answer.status === 200 ? answer : { ...answer, text: answer.text.replaceAll(options.apiKey, '[key]') }
}

const Id = z.object({ id: z.string() })
const idOf = (item: unknown) => Id.safeParse(item).data?.id

/** A name of before 2014 is asked for as such: no handle has a slash. */
const byName = (handle: string): Record<string, string> =>
  handle.startsWith('user/') ? { forUsername: handle.slice('user/'.length) } : { forHandle: handle }

/** Ids go 50 a call; a handle goes alone (forHandle takes one). */
function channelLookup({ endpoint, size, need }: CallShape, get: Get): Lookup<Subject> {
  const part = 'id,snippet,contentDetails,statistics,status,brandingSettings'
  return {
    ...{ endpoint, size, need: () => need() },
    batches: (items, keyOf) => {
      const known = items.filter((item) => keyOf(item).native_id !== null)
      const unknown = items.filter((item) => keyOf(item).native_id === null)
      return [...chunked(known, batchSize), ...unknown.map((item) => [item])]
    },
    ask: async (subjects, signal) => {
      const ids = subjects.flatMap((subject) => subject.native_id ?? [])
      const key = ids.length > 0 ? { id: ids.join(','), maxResults: '50' } : byName(subjects[0]?.handle ?? '')
      const answer = await get('channels', { part, ...key }, signal)
      const envelope = envelopeOf(endpoint, answer)
      const found = new Set(envelope.items.map(idOf))
      // Asked by handle, the answer has the id.
      const unsure = new Set(ids.length > 0 ? untold(ids, found) : [])
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
            posts: postCount(channel?.statistics?.videoCount),
            unanswered: [...byId].filter((id) => unsure.has(id)),
            listing: null,
          }
        },
      }
    },
  }
}

/** Posts by id, 50 a call, of any channels; ids left out of an answer are private or gone. */
function postLookup(
  get: Get,
  call: CallShape & { readonly path: string; readonly params: Record<string, string> },
): Lookup<AskedPost> {
  return {
    ...{ endpoint: call.endpoint, size: call.size, need: () => call.need() },
    batches: (items) => chunked(items, call.size),
    ask: async (keys, signal) => {
      const id = keys.map((key) => key.id).join(',')
      const answer = await get(call.path, { ...call.params, id }, signal)
      const { summary, ...envelope } = envelopeOf(call.endpoint, answer)
      const failed = new Set(StatsSummary.parse(summary).failedVideoIds)
      const found = new Set(envelope.items.map(idOf))
      const unsure = new Set([
        ...failed,
        ...untold(
          keys.map(({ id }) => id),
          found,
        ),
      ])
      return {
        answeredAt: answer.answeredAt,
        partFor: (wanted) => {
          const ofTask = new Set(wanted.map(({ id }) => id))
          const items = envelope.items.filter((item) => ofTask.has(idOf(item) ?? ''))
          return {
            body: JSON.stringify({ ...envelope, items }),
            found: items.length,
            list_ref: null,
            posts: null,
            unanswered: [...ofTask].filter((id) => unsure.has(id)),
            listing: null,
          }
        },
      }
    },
  }
}

const videos = {
  path: 'videos',
  params: {
    part: 'snippet,contentDetails,statistics,status,liveStreamingDetails,player,paidProductPlacementDetails',
    maxHeight: '1280',
  },
}
/** Since June 2026; it may fail for some ids, which are then named (YouTube Data API). */
const stats = { path: 'videos:batchGetStats', params: { part: 'id,statistics' } }

/** One page of the uploads list, newest first, nearly. 404 means that the channel has no public video. */
async function uploads(get: Get, cursor: Cursor, signal: AbortSignal): Promise<Listing> {
  const params = {
    part: 'snippet,contentDetails,status',
    playlistId: cursor.list_ref ?? '',
    maxResults: String(batchSize),
    ...(cursor.position ? { pageToken: cursor.position } : {}),
  }
  const answer = await get('playlistItems', params, signal)
  if (answer.status === 404 && cursor.position === null) {
    // One that is not theirs, such as a proxy's, is kept as it came: it cannot be read, and a person sees it.
    const empty = JSON.stringify({ kind: listKinds['playlistItems'], items: [], answered: 404 })
    const body = isRefusal(answer.text) ? empty : answer.text
    return { body, answeredAt: answer.answeredAt, items: [], lookup: [], next: null }
  }
  const envelope = envelopeOf('playlistItems', answer)
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
