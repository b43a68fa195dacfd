import { AccountGone } from '../../errors.ts'
import type { HttpAnswer } from '../../http/request.ts'
import type { Subject } from '../../model/account.ts'
import type { Cursor } from '../../model/sync.ts'
import { postCount } from '../calls.ts'
import type { Connector, Listing, PoolUsage } from '../platform.ts'
import { broken, call, type InstagramOptions, one, shaped } from './call.ts'
import { appPool, discoveryCalls, discoveryPage } from './calls.ts'
import { NotFound } from './errors.ts'
import { FieldList } from './fields.ts'
import { listingOf } from './listing.ts'
import { Discovery, type MediaEdge, User } from './resources.ts'
import { appShare } from './usage.ts'

export interface DiscoveryOptions extends InstagramOptions {
  /** Our own professional account, on whose behalf others are looked up. */
  readonly ownUserId: string
  /** Calls of the app in any hour: 200 for each of its daily users. */
  readonly callsPerHour: number
}

const usernames = /^[A-Za-z0-9._]{1,30}$/

/**
 * Other professional accounts by `business_discovery` with one shared token. The first answer holds the profile and the
 * first page of media: an hour of the app has few calls. Facts: Instagram Business Discovery; Graph API rate limits.
 */
export function instagramDiscovery(options: DiscoveryOptions): Connector {
  const fieldList = new FieldList(discoveryPage)
  const calls = discoveryCalls(options)
  const discover = async (
    subject: Subject,
    fields: string,
    expectedId: string | null,
    signal: AbortSignal,
  ) => {
    const answer = await askAbout(options, fieldList, subject, fields, signal)
    const { business_discovery: found } = shaped(Discovery, answer)
    if (expectedId !== null && found.id !== expectedId) throw ofAnother(subject)
    return { answer, found, usage: usageOf(options, answer.headers) }
  }
  const lookup = async (subject: Subject, signal: AbortSignal) => {
    const fields = `${fieldList.user},${mediaField(fieldList, null)}`
    const { answer, found, usage } = await discover(subject, fields, subject.native_id, signal)
    const count = User.shape.media_count.safeParse(found['media_count']).data
    const part = {
      body: answer.text,
      found: 1,
      list_ref: found.id,
      posts: postCount(count),
      unanswered: [],
      listing: count === '0' ? listingOf(answer, [], null, usage) : pageOf(answer, found.media, usage),
    }
    return { answeredAt: answer.answeredAt, usage, partFor: () => part }
  }
  const list = async (
    subject: Subject,
    { list_ref, position }: Cursor,
    signal: AbortSignal,
  ): Promise<Listing> => {
    const fields = `id,username,${mediaField(fieldList, position)}`
    const { answer, found, usage } = await discover(subject, fields, list_ref, signal)
    return pageOf(answer, found.media, usage)
  }
  return {
    profiles: {
      endpoint: calls.profiles.endpoint,
      need: () => calls.profiles.need(),
      size: 1,
      batches: (items) => items.map((item) => [item]),
      ask: ([subject], signal) => lookup(one(subject), signal),
    },
    list: { endpoint: calls.list.endpoint, need: calls.list.need, cap: calls.list.cap, ask: list },
    posts: null,
    refresh: null,
  }
}

/** The username is the only key of the request. An account never seen is not known to exist in a form we can read. */
async function askAbout(
  options: DiscoveryOptions,
  fieldList: FieldList,
  subject: Subject,
  fields: string,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { handle, native_id, token } = subject
  if (handle === null || !usernames.test(handle)) {
    throw new AccountGone(
      'Instagram looks accounts up by username, and this is none: 1 to 30 letters, digits, dots or underscores',
      'unsupported',
      { code: null, isCertain: true },
    )
  }
  const params = { fields: `business_discovery.username(${handle}){${fields}}` }
  try {
    return await call(options, fieldList, {
      ...{ path: options.ownUserId, params, token, signal },
      tokenOf: 'shared',
    })
  } catch (error) {
    if (!(error instanceof NotFound)) throw error
    throw native_id === null ? neverSeen(handle, error) : notFoundAnyMore(handle, error)
  }
}

const neverSeen = (handle: string, cause: NotFound) =>
  new AccountGone(
    `Instagram shows no professional account @${handle}: a personal one must become a business or creator account`,
    'unsupported',
    { code: cause.code, isCertain: false, cause },
  )
const notFoundAnyMore = (handle: string, cause: NotFound) =>
  new AccountGone(
    `Instagram does not find @${handle} any more: renamed, closed, or personal now`,
    'missing',
    { code: cause.code, isCertain: true, cause },
  )
const ofAnother = ({ handle }: Subject) =>
  new AccountGone(
    `@${handle} belongs to another account now: follow the account under its new handle`,
    'missing',
    { code: null, isCertain: true },
  )

const mediaField = (fieldList: FieldList, after: string | null) =>
  `media.limit(${fieldList.pageSize})${after === null ? '' : `.after(${after})`}{${fieldList.media}}`

/** The nested edge has no link to a next page: it ends without a cursor, or with an empty page. */
function pageOf(answer: HttpAnswer, edge: MediaEdge | undefined, usage: readonly PoolUsage[]): Listing {
  // Media are asked for in every call: an answer without them is no empty list, which has `data`.
  if (edge === undefined) throw broken()
  const { data, paging } = edge
  const after = data.length === 0 ? null : (paging?.cursors?.after ?? null)
  return listingOf(answer, data, after, usage)
}

function usageOf({ callsPerHour }: DiscoveryOptions, headers: Headers): PoolUsage[] {
  const share = appShare(headers)
  return share === undefined ? [] : [{ pool: appPool, used: share * callsPerHour }]
}
