import { AccountGone } from '../../errors.ts'
import { retryAfterMs } from '../../http/retry-after.ts'
import { jsonOf } from '../../model/json.ts'
import { type Refusal as Refused, type Row, verdictBy } from '../verdicts.ts'
import { Envelope } from './resources.ts'

interface Fault extends Refused {
  /** `error.code`; empty: the answer is none of theirs. */
  readonly error: string
  readonly message: string
}

const codes =
  (...known: readonly string[]) =>
  ({ error }: Fault) =>
    known.includes(error)
/** A quota that names its day, in whatever words. */
const namesDay = ({ error, message }: Fault) =>
  /dail|\bday\b/i.test(`${error.replaceAll('_', ' ')} ${message}`)
const isQuota = ({ error }: Fault) => /quota|rate_limit/.test(error)

const source = 'https://developers.tiktok.com/doc/tiktok-api-v2-error-handling'
const researchSource = 'https://developers.tiktok.com/doc/research-api-specs-query-videos'

const ofDay: Row<Fault> = {
  when: '`daily_quota_limit_exceeded`, and `rate_limit_exceeded` that names a day',
  is: (fault) => isQuota(fault) && namesDay(fault),
  kind: 'day',
  source,
}

/** The error table of TikTok's Display API, by `error.code`. */
export const errorTable: readonly Row<Fault>[] = [
  ofDay,
  { when: '`rate_limit_exceeded`', is: codes('rate_limit_exceeded'), kind: 'rate', source },
  { when: '`access_token_invalid`', is: codes('access_token_invalid'), kind: 'token', source },
  {
    when: '`scope_not_authorized`, `scope_permission_missed`',
    is: codes('scope_not_authorized', 'scope_permission_missed'),
    kind: 'scopes',
    source,
  },
  { when: '`internal_error`', is: codes('internal_error'), kind: 'transient', source },
  { when: '429', is: ({ status }) => status === 429, kind: 'rate', source },
  { when: 'no code, 401', is: ({ error, status }) => error === '' && status === 401, kind: 'token', source },
  { when: '5xx', is: ({ status }) => status >= 500, kind: 'transient', source },
  { when: 'anything else, such as `invalid_params`', is: () => true, kind: 'unknown', source },
]

/** The error table of the Research API, whose token is the app's own. */
export const researchErrorTable: readonly Row<Fault>[] = [
  ofDay,
  {
    when: '`scope_not_authorized`, `scope_permission_missed`',
    is: codes('scope_not_authorized', 'scope_permission_missed'),
    kind: 'app',
    source: researchSource,
  },
  ...errorTable.slice(1).filter(({ kind }) => kind !== 'scopes'),
]

/** The only parameter that a lookup of a user has is the name. */
export const researchUserTable: readonly Row<Fault>[] = [
  {
    when: '`invalid_params` of a lookup of a user',
    is: codes('invalid_params'),
    kind: 'missing',
    make: ({ text, code }) =>
      new AccountGone(`TikTok does not find this username: ${text}`, 'missing', { code, isCertain: true }),
    source: 'https://developers.tiktok.com/doc/research-api-specs-query-user-info',
  },
  ...researchErrorTable,
]

/** What to do when the app is at fault. */
export const appRemedy =
  "look at the app in TikTok's developer portal: its products, scopes and review, and its key and secret in the settings"

/** The verdict on an answer whose code is not `ok`, or that is no answer of theirs at all. */
export function verdictOf(answer: Answer, table: readonly Row<Fault>[] = errorTable): Error {
  return verdictBy(table, readFault(answer))
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** What an answer says, read for the tables. */
export function readFault({ status, headers, text }: Answer): Fault {
  const { code: error, message } = Refusal.safeParse(jsonOf(text)).data?.error ?? { code: '', message: '' }
  const code = error || String(status)
  return {
    platform: 'TikTok',
    ...{ status, code, error, message },
    text: `${code}, ${message.slice(0, 200)}`,
    afterMs: retryAfterMs(headers),
  }
}

const Refusal = Envelope.pick({ error: true })
