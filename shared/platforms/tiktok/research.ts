import type * as z from 'zod'
import { RetryableError, TerminalError } from '../../errors.ts'
import { type HttpAnswer, request } from '../../http/request.ts'
import type { Subject } from '../../model/account.ts'
import type { Cursor } from '../../model/sync.ts'
import { postCount } from '../calls.ts'
import type { Connector, Listing } from '../platform.ts'
import { cleanJson, parseInt64 } from '../text/clean.ts'
import { type ResearchLimits, researchCalls, researchPage } from './calls.ts'
import { type ClientOptions, ClientToken } from './client-token.ts'
import { researchErrorTable, researchUserTable, verdictOf } from './errors.ts'
import { backTo, beginning, daysOf, placeOf, positionOf, windowBefore } from './research-windows.ts'
import { Envelope, ResearchUser, ResearchVideo, ResearchVideos } from './resources.ts'

export interface ResearchOptions extends ClientOptions, ResearchLimits {}

const userFields =
  'display_name,bio_description,avatar_url,is_verified,follower_count,following_count,likes_count,video_count'
const videoFields = [
  ...['id', 'create_time', 'username', 'region_code', 'video_description', 'video_duration', 'hashtag_names'],
  ...['video_mention_list', 'like_count', 'comment_count', 'share_count', 'view_count', 'favorites_count'],
].join(',')

/**
 * TikTok Research API with the token of an approved app: any public account by its username, window of days by window,
 * the newest first. For those whom TikTok admits, non-profit researchers. Facts: TikTok Research API.
 */
export function tiktokResearch(options: ResearchOptions): Connector {
  const token = new ClientToken(options)
  const calls = researchCalls(options)
  const call: Call = (path, body, signal) => send(options, token, { path, body, signal })
  return {
    profiles: {
      endpoint: calls.profiles.endpoint,
      need: () => calls.profiles.need(),
      size: 1,
      batches: (items) => items.map((item) => [item]),
      ask: async ([asked], signal) => {
        const username = nameOf(asked)
        const answer = await call(`${userPath}?fields=${userFields}`, { username }, signal)
        const data = dataOf(answer)
        const user = ResearchUser.safeParse({ ...data, username }).data
        const part = {
          // Their answer does not say whom it is about.
          body: JSON.stringify({ data: { ...data, username }, error: { code: 'ok' } }),
          found: 1,
          list_ref: username,
          posts: postCount(user?.video_count),
          unanswered: [],
          listing: null,
        }
        return { answeredAt: answer.answeredAt, partFor: () => part }
      },
    },
    list: {
      endpoint: calls.list.endpoint,
      need: calls.list.need,
      cap: calls.list.cap,
      floor: options.since ?? null,
      ask: (subject, cursor, signal) =>
        videos((path, body) => call(path, body, signal), subject, cursor, options.since ?? beginning),
    },
    posts: null,
    refresh: null,
  }
}

/** Accounts have no other id here than their username. */
function nameOf(asked: Subject | undefined): string {
  const name = asked?.handle ?? asked?.native_id
  if (!name) throw new TerminalError('the Research API finds accounts by username, and this one has none')
  return name
}

const userPath = '/v2/research/user/info/'

type Call = (path: string, body: object, signal: AbortSignal) => Promise<HttpAnswer>

async function send(
  { fetch, baseUrl }: ResearchOptions,
  token: ClientToken,
  { path, body, signal }: { readonly path: string; readonly body: object; readonly signal: AbortSignal },
): Promise<HttpAnswer> {
  const access = await token.get(signal)
  const answer = await request(fetch, `${baseUrl}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  })
  const text = answer.text.replaceAll(access, '[token]')
  const code = codeOf(text)
  if (code === 'access_token_invalid') throw await token.refused(access, code)
  token.accepted()
  if (answer.status === 200 && code === 'ok') return { ...answer, text }
  throw verdictOf({ ...answer, text }, path.startsWith(userPath) ? researchUserTable : researchErrorTable)
}

const codeOf = (text: string) => envelopeOf(text)?.error.code

function envelopeOf(text: string): z.infer<typeof Envelope> | undefined {
  try {
    return Envelope.safeParse(cleanJson(parseInt64(text))).data
  } catch {
    return undefined
  }
}

function dataOf(answer: HttpAnswer): Record<string, unknown> {
  const data = envelopeOf(answer.text)?.data
  if (data) return data
  throw new RetryableError('TikTok sent an answer of unknown shape', { reason: 'broken_answer' })
}

const Dated = ResearchVideo.pick({ id: true, create_time: true })

/** One page of a window, the newest first; its end leads to the window before. */
async function videos(
  call: (path: string, body: object) => Promise<HttpAnswer>,
  asked: Subject,
  cursor: Cursor,
  since: Date,
): Promise<Listing> {
  const place = placeOf(cursor.position, asked.claimed_at)
  const answer = await call(`/v2/research/video/query/?fields=${videoFields}`, {
    query: { and: [{ operation: 'EQ', field_name: 'username', field_values: [nameOf(asked)] }] },
    ...daysOf(place),
    max_count: researchPage,
    cursor: place.offset,
    ...(place.search_id ? { search_id: place.search_id } : {}),
    is_random: false,
  })
  const list = ResearchVideos.safeParse(dataOf(answer))
  if (!list.success)
    throw new RetryableError('TikTok sent an answer of unknown shape', { reason: 'broken_answer' })
  const items = list.data.videos
    .flatMap((video) => Dated.safeParse(video).data ?? [])
    .map(({ id, create_time }) => ({ id, published_at: create_time }))
  const { has_more, cursor: offset, search_id } = list.data
  const next = has_more
    ? { ...place, offset, search_id: search_id ?? place.search_id }
    : windowBefore(place, since)
  const listed = cursor.listed + items.length
  return {
    body: answer.text,
    answeredAt: answer.answeredAt,
    items,
    lookup: [],
    next: next && positionOf(next),
    back_to: has_more ? null : backTo(place),
    // The count may lag behind the list: only a walk to the beginning shows what is gone.
    is_enough: cursor.expected !== null && listed >= cursor.expected,
  }
}
