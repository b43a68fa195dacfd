import * as z from 'zod'
import { RetryableError } from '../../errors.ts'
import { type Fetch, type HttpAnswer, parseJson, request } from '../../http/request.ts'
import type { Subject } from '../../model/account.ts'
import type { QuotaNeed } from '../../model/quota.ts'
import type { Cursor } from '../../model/sync.ts'
import { type CallShape, postCount } from '../calls.ts'
import { chunked } from '../chunked.ts'
import type { AskedPost, Connector, Listing, Lookup } from '../platform.ts'
import { cleanJson } from '../text/clean.ts'
import { untold } from '../trust.ts'
import { displayCalls, displayPage, minuteOf } from './calls.ts'
import { verdictOf } from './errors.ts'
import { Envelope, User, UserInfo, Video, VideoList } from './resources.ts'

export interface TiktokOptions {
  readonly fetch: Fetch
  /** https://open.tiktokapis.com or a simulator. */
  readonly baseUrl: string
  /** Calls of each endpoint in any 60 seconds. */
  readonly callsPerMinute: number
}

const userFields = [
  ...['open_id', 'union_id', 'avatar_url', 'avatar_large_url', 'display_name', 'bio_description'],
  ...['profile_deep_link', 'profile_web_link', 'is_verified', 'username'],
  ...['follower_count', 'following_count', 'likes_count', 'video_count'],
].join(',')
const videoFields = [
  ...[
    'id',
    'create_time',
    'cover_image_url',
    'share_url',
    'video_description',
    'title',
    'duration',
    'height',
    'width',
  ],
  ...['embed_link', 'like_count', 'comment_count', 'share_count', 'view_count', 'is_aigc'],
].join(',')

/** TikTok Display API v2 with the token of the account's owner: user info and the video list. Facts: TikTok Display API. */
export function tiktok(options: TiktokOptions): Connector {
  const call: Call = (it) => send(options, it)
  const calls = displayCalls(options)
  return {
    profiles: userLookup(calls.profiles, call),
    list: {
      endpoint: calls.list.endpoint,
      need: calls.list.need,
      cap: calls.list.cap,
      ask: (subject, cursor, signal) => videos(call, subject, cursor, signal),
    },
    posts: null,
    refresh: videoLookup(() => minuteOf(options, 'query'), call),
  }
}

interface Asking {
  readonly subject: Subject
  readonly path: string
  /** Sent by POST; absent: a GET. */
  readonly body?: object
  readonly signal: AbortSignal
}
type Call = (it: Asking) => Promise<HttpAnswer>

async function send(
  { fetch, baseUrl }: TiktokOptions,
  { subject, path, body, signal }: Asking,
): Promise<HttpAnswer> {
  const answer = await request(fetch, `${baseUrl}${path}`, {
    method: body ? 'POST' : 'GET',
    signal,
    headers: {
      authorization: `Bearer ${subject.token ?? ''}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const { token } = subject
  return token ? { ...answer, text: answer.text.replaceAll(token, '[token]') } : answer
}

/** The data of a good answer; success, too, carries an error object. */
function dataOf(answer: HttpAnswer): unknown {
  if (answer.status !== 200) throw verdictOf(answer)
  const envelope = Envelope.safeParse(parseJson(answer.text))
  if (!envelope.success) throw broken()
  if (envelope.data.error.code !== 'ok') throw verdictOf(answer)
  return cleanJson(envelope.data.data)
}

const broken = () => new RetryableError('TikTok sent an answer of unknown shape', { reason: 'broken_answer' })

function shaped<T>(schema: z.ZodType<T>, data: unknown): T {
  const parsed = schema.safeParse(data)
  if (!parsed.success) throw broken()
  return parsed.data
}

/** A token reads one user only: its owner. */
function userLookup({ endpoint, size, need }: CallShape, call: Call): Lookup<Subject> {
  return {
    ...{ endpoint, size, need: () => need() },
    batches: (items) => items.map((item) => [item]),
    ask: async ([subject], signal) => {
      if (!subject) throw new Error('a lookup without an account')
      const answer = await call({ subject, path: `/v2/user/info/?fields=${userFields}`, signal })
      const user = User.safeParse(shaped(UserInfo, dataOf(answer)).user).data
      return {
        answeredAt: answer.answeredAt,
        partFor: () => ({
          body: answer.text,
          found: 1,
          list_ref: user?.open_id ?? subject.native_id ?? 'own',
          posts: postCount(user?.video_count),
          unanswered: [],
          listing: null,
        }),
      }
    },
  }
}

/** The numbers of known videos, all of one owner in a call; what is left out is deleted or private. */
function videoLookup(need: () => QuotaNeed, call: Call): Lookup<AskedPost> {
  return {
    endpoint: 'video.query',
    need,
    size: displayPage,
    batches: (items, keyOf) =>
      [...Map.groupBy(items, (item) => keyOf(item).subject.token).values()].flatMap((ofOne) =>
        chunked(ofOne, displayPage),
      ),
    ask: async (keys, signal) => {
      const [first] = keys
      if (!first) throw new Error('a lookup without a video')
      const filters = { video_ids: keys.map(({ id }) => id) }
      const { subject } = first
      const path = `/v2/video/query/?fields=${videoFields}`
      const answer = await call({ subject, path, body: { filters }, signal })
      const { videos } = shaped(VideoList, dataOf(answer))
      const part = { body: answer.text, found: videos.length, list_ref: null, posts: null, listing: null }
      const found = new Set(videos.map((video) => Identified.safeParse(video).data?.id))
      const unanswered = untold(
        keys.map(({ id }) => id),
        found,
      )
      return { answeredAt: answer.answeredAt, partFor: () => ({ ...part, unanswered }) }
    },
  }
}

const Identified = z.object({ id: Video.shape.id })

const Dated = z.object({ id: Video.shape.id, create_time: Video.shape.create_time })

/** One page, newest first. The place is a time in milliseconds, so it lasts; posts of that second come again. */
async function videos(
  call: Call,
  subject: Subject,
  { position }: Cursor,
  signal: AbortSignal,
): Promise<Listing> {
  const body = { max_count: displayPage, ...(position ? { cursor: Number(position) } : {}) }
  const answer = await call({ subject, path: `/v2/video/list/?fields=${videoFields}`, body, signal })
  const list = shaped(VideoList, dataOf(answer))
  const items = list.videos
    .flatMap((video) => Dated.safeParse(video).data ?? [])
    .map(({ id, create_time }) => ({ id, published_at: create_time }))
  return {
    body: answer.text,
    answeredAt: answer.answeredAt,
    items,
    lookup: [],
    next: list.has_more ? placeAfter(items, list.cursor, position) : null,
  }
}

/**
 * Two posts may share a second and the page may end between them: the next page starts one second after the last post's time and
 * repeats that second. If their cursor is later, it is used, so that an unordered post skips nothing. A list that claims more
 * and shows no way forward is broken, not at its end.
 */
function placeAfter(
  items: readonly { readonly published_at: Date }[],
  theirs: number | undefined,
  from: string | null,
): string {
  const oldest = Math.min(...items.map((item) => item.published_at.getTime()))
  const places = [oldest + 1_000, theirs ?? Number.NaN].filter(
    (place) => Number.isFinite(place) && (from === null || place < Number(from)),
  )
  if (places.length === 0) throw broken()
  return String(Math.max(...places))
}
