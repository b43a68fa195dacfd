import type { Subject } from '../../model/account.ts'
import type { Cursor } from '../../model/sync.ts'
import { postCount } from '../calls.ts'
import type { Connector, Listing, LookupPart, PoolUsage } from '../platform.ts'
import { broken, call, type InstagramOptions, one, shaped } from './call.ts'
import { ownCalls, ownPage, ownPool } from './calls.ts'
import { FieldList } from './fields.ts'
import { listingOf } from './listing.ts'
import { MediaEdge, User } from './resources.ts'
import { accountShare } from './usage.ts'

export interface OwnOptions extends InstagramOptions {
  /** Calls in any hour for one account; 4,800 a day for each of its impressions is their rule, of which 200 is the least. */
  readonly callsPerHour: number
}

/**
 * An account read by its owner's token: user fields and the media edge. Facts: Instagram API. Each account has an
 * allowance of its own.
 */
export function instagramOwn(options: OwnOptions): Connector {
  const fields = new FieldList(ownPage)
  const calls = ownCalls(options)
  const get = (subject: Subject, path: string, params: Record<string, string>, signal: AbortSignal) =>
    call(options, fields, { path, params, token: subject.token, tokenOf: 'own', signal })
  const lookup = async (subject: Subject, signal: AbortSignal) => {
    const answer = await get(subject, subject.native_id ?? 'me', { fields: fields.user }, signal)
    const user = shaped(User, answer)
    const part: LookupPart = {
      body: answer.text,
      found: 1,
      list_ref: user.id,
      posts: postCount(user.media_count),
      unanswered: [],
      listing: null,
    }
    const { answeredAt, headers } = answer
    return { answeredAt, usage: usageOf(options, subject, headers), partFor: () => part }
  }
  const list = async (
    subject: Subject,
    { list_ref, position }: Cursor,
    signal: AbortSignal,
  ): Promise<Listing> => {
    const params = {
      fields: fields.media,
      limit: String(fields.pageSize),
      ...(position ? { after: position } : {}),
    }
    const answer = await get(subject, `${list_ref ?? subject.native_id ?? 'me'}/media`, params, signal)
    const edge = shaped(MediaEdge, answer)
    return listingOf(answer, edge.data, nextOf(edge), usageOf(options, subject, answer.headers))
  }
  return {
    profiles: {
      endpoint: calls.profiles.endpoint,
      need: ([subject]) => calls.profiles.need(subject),
      size: 1,
      batches: (items) => items.map((item) => [item]),
      ask: ([subject], signal) => lookup(one(subject), signal),
    },
    list: { endpoint: calls.list.endpoint, need: calls.list.need, cap: calls.list.cap, ask: list },
    posts: null,
    refresh: null,
  }
}

/** The list goes on while there is a link to the next page, be this one short or empty; a cursor alone says nothing. */
function nextOf({ paging }: MediaEdge): string | null {
  if (paging?.next === undefined) return null
  if (paging.cursors?.after === undefined) throw broken()
  return paging.cursors.after
}

function usageOf({ callsPerHour }: OwnOptions, subject: Subject, headers: Headers): PoolUsage[] {
  const share = accountShare(headers)
  return share === undefined ? [] : [{ pool: ownPool(subject), used: share * callsPerHour }]
}
