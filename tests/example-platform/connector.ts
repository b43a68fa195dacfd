import type * as z from 'zod'
import { AccountGone, CursorRefused, RetryableError, TerminalError } from '#shared/errors.ts'
import { type Fetch, type HttpAnswer, parseJson, request } from '#shared/http/request.ts'
import { retryAfterMs } from '#shared/http/retry-after.ts'
import { type Calls, postCount } from '#shared/platforms/calls.ts'
import type { Connector, Listing } from '#shared/platforms/platform.ts'
import { cleanJson } from '#shared/platforms/text/clean.ts'
import { Card, CardList, User } from './resources.ts'

export interface PostcardOptions {
  readonly fetch: Fetch
  readonly baseUrl: string
  readonly calls: Calls
}

const Dated = Card.pick({ id: true, sent_at: true })

/** Users by handle and their cards, newest first, 10 a page. */
export function postcardConnector({ fetch, baseUrl, calls }: PostcardOptions): Connector {
  const get = async (path: string, signal: AbortSignal) =>
    good(await request(fetch, `${baseUrl}${path}`, { signal }))
  const { profiles, list } = calls
  return {
    profiles: {
      ...{ endpoint: profiles.endpoint, size: profiles.size, need: () => profiles.need() },
      batches: (items) => items.map((item) => [item]),
      ask: async ([asked], signal) => {
        const answer = await get(
          `/users/${encodeURIComponent(asked?.native_id ?? asked?.handle ?? '')}`,
          signal,
        )
        const user = shaped(User, answer)
        const posts = postCount(user.cards)
        const part = { body: answer.text, found: 1, list_ref: user.id, posts, unanswered: [], listing: null }
        return { answeredAt: answer.answeredAt, partFor: () => part }
      },
    },
    list: {
      ...{ endpoint: list.endpoint, cap: list.cap, need: () => list.need() },
      ask: async (_asked, { list_ref, position }, signal): Promise<Listing> => {
        const after = position ? `?after=${encodeURIComponent(position)}` : ''
        const answer = await get(`/users/${encodeURIComponent(list_ref ?? '')}/cards${after}`, signal)
        const { cards, next } = shaped(CardList, answer)
        const items = cards
          .flatMap((card) => Dated.safeParse(card).data ?? [])
          .map(({ id, sent_at }) => ({ id, published_at: sent_at }))
        return { body: answer.text, answeredAt: answer.answeredAt, items, lookup: [], next }
      },
    },
    posts: null,
    refresh: null,
  }
}

/** Their error table. */
const verdicts: Readonly<Record<number, (answer: HttpAnswer) => Error>> = {
  404: () => new AccountGone('there is no such user', 'missing', { code: '404', isCertain: true }),
  409: () => new CursorRefused('the place is not known any more', { reason: 'cursor' }),
  410: () => new AccountGone('the user has left', 'closed', { code: '410', isCertain: false }),
  429: ({ headers }) =>
    new RetryableError('asked to slow down', {
      scope: 'pool',
      reason: 'rate',
      afterMs: retryAfterMs(headers),
    }),
}

function good(answer: HttpAnswer): HttpAnswer {
  const { status } = answer
  if (status === 200) return answer
  const verdict = verdicts[status]
  if (verdict) throw verdict(answer)
  if (status >= 500) throw new RetryableError(`answered ${status}`, { reason: 'platform' })
  throw new TerminalError(`answered ${status}`, { reason: 'bug' })
}

function shaped<T>(schema: z.ZodType<T>, answer: HttpAnswer): T {
  const { success, data } = schema.safeParse(cleanJson(parseJson(answer.text)))
  if (success) return data
  throw new RetryableError('an answer of unknown shape', { reason: 'broken_answer' })
}
