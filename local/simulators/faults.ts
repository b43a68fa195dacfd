import * as instagram from './instagram/errors.ts'
import type { Fault, SimAnswer } from './server.ts'
import { refuse } from './youtube/errors.ts'
import { exhausted, tooFast } from './youtube/quota.ts'

/** A fault that a person can switch on by name while the world runs, to see how the product takes it. */
interface NamedFault {
  readonly about: string
  readonly faults: readonly Omit<Fault, 'times'>[]
}

const always = (status: SimAnswer): NamedFault['faults'] => [{ path: '*', status }]
const busy: SimAnswer = { status: 503, body: 'Service Unavailable', headers: { 'retry-after': '120' } }
const slowDown: SimAnswer = { status: 429, body: {}, headers: { 'retry-after': '300' } }
const proxyPage: SimAnswer = { status: 404, body: '<html><body>nginx: not found</body></html>' }

const tiktokError = (status: number, code: string): SimAnswer => ({
  status,
  body: { data: {}, error: { code, message: code, log_id: '202601010000000000000000' } },
})
const tooManyCalls = tiktokError(429, 'rate_limit_exceeded')
const tokenRefused = tiktokError(401, 'access_token_invalid')

/** By simulator and name, as `--fault` takes them. */
export const namedFaults: Readonly<
  Record<'youtube' | 'instagram' | 'tiktok' | 'ml', Readonly<Record<string, NamedFault>>>
> = {
  youtube: {
    quota: {
      about: 'the quota of the day is used up: syncs wait for the next day',
      faults: always(exhausted),
    },
    rate: { about: 'too many calls a minute: syncs wait a minute and go on', faults: always(tooFast) },
    key: { about: 'the API key is refused: syncs wait for another one', faults: always(keyRefused()) },
    down: { about: 'every call answers 503: syncs are tried again', faults: always(busy) },
    cut: {
      about: 'answers are cut off in the middle: syncs are tried again',
      faults: [{ path: '*', truncate: true }],
    },
    proxy: {
      about: 'a proxy answers with HTML in place of lists of posts: pages are parked',
      faults: [{ path: '/youtube/v3/playlistItems', status: proxyPage }],
    },
    shape: {
      about: 'videos come without a time of publication: records are quarantined',
      faults: [{ path: '/youtube/v3/videos', edit: withoutTimes }],
    },
  },
  instagram: {
    rate: {
      about: 'the calls of the app are used up: syncs wait and go on',
      faults: always(instagram.appThrottled({})),
    },
    token: {
      about: 'every token is refused: own accounts ask for consent, others wait',
      faults: always(instagram.badToken),
    },
    hidden: {
      about: 'throttling looks like missing objects: no account or post is marked as gone',
      faults: always(instagram.unknownObject),
    },
    inside: {
      about: 'errors come with HTTP 200: syncs are tried again',
      faults: always({
        ...instagram.refuse(2, 'Service temporarily unavailable', { isTransient: true }),
        status: 200,
      }),
    },
    down: { about: 'every call answers 503: syncs are tried again', faults: always(busy) },
  },
  tiktok: {
    rate: { about: 'too many calls a minute: syncs wait a minute and go on', faults: always(tooManyCalls) },
    token: { about: 'every access token is refused: syncs wait for new ones', faults: always(tokenRefused) },
    down: { about: 'every call answers 503: syncs are tried again', faults: always(busy) },
  },
  ml: {
    down: { about: 'every call answers 503: jobs wait', faults: always(busy) },
    rate: { about: 'every call answers 429: jobs wait as long as asked', faults: always(slowDown) },
    lost: {
      about: 'jobs are taken but the answers are lost: they are sent again, paid once',
      faults: [{ path: '/jobs', drop: true }],
    },
    garbage: {
      about: 'answers have no known shape: jobs are parked',
      faults: [{ path: '/jobs:batchGet', edit: ofNoShape }],
    },
  },
}

/** Names as people type them, `youtube:quota`, with what each does. */
export function faultNames(): { readonly name: string; readonly about: string }[] {
  return Object.entries(namedFaults).flatMap(([simulator, named]) =>
    Object.entries(named).map(([name, { about }]) => ({ name: `${simulator}:${name}`, about })),
  )
}

function keyRefused(): SimAnswer {
  return refuse(400, 'keyInvalid', 'API key not valid. Please pass a valid API key.')
}

function withoutTimes(body: unknown): unknown {
  const { items = [], ...rest } = body as { items?: { snippet: object }[] }
  return {
    ...rest,
    items: items.map((item) => ({ ...item, snippet: { ...item.snippet, publishedAt: undefined } })),
  }
}

function ofNoShape(body: unknown): unknown {
  const { jobs = [] } = body as { jobs?: { job_id: string }[] }
  return { jobs: jobs.map(({ job_id }) => ({ job_id, status: 'perhaps' })), not_found: [] }
}
