import { RetryableError, TerminalError } from '../../errors.ts'
import { retryAfterMs } from '../../http/retry-after.ts'
import { jsonOf } from '../../model/json.ts'
import { kinds, type Refusal as Refused, type Row, verdictBy } from '../verdicts.ts'
import { Refusal } from './resources.ts'
import { regainMs } from './usage.ts'

/** By whose token the call was made: a fault of the shared one is the app's. */
export type TokenOf = 'own' | 'shared'

interface Fault extends Refused {
  readonly number: number | null
  readonly subcode: number | undefined
  readonly isTransient: boolean
  readonly message: string
  readonly tokenOf: TokenOf
}

/** A field is not served any more (a version ended, a metric was withdrawn): ask without it. */
export class FieldWithdrawn extends RetryableError {
  override readonly name = 'FieldWithdrawn'
  readonly field: string

  constructor(field: string, text: string) {
    super(`Instagram does not serve ${field} any more: ${text}`, { reason: 'bug' })
    this.field = field
  }
}

/** The answer would be too heavy: ask for a smaller page. */
export class TooMuchData extends RetryableError {
  override readonly name = 'TooMuchData'
}

/** The platform does not show this account to us: no such username, or a personal account. Both look the same. */
export class NotFound extends TerminalError {
  override readonly name = 'NotFound'
  /** The platform's own code. */
  readonly code: string

  constructor(message: string, code: string) {
    super(message, { reason: 'missing' })
    this.code = code
  }
}

const minute = 60_000

const codes =
  (...known: readonly number[]) =>
  ({ number }: Fault) =>
    known.includes(number ?? 0)
const sub =
  (code: number, ...subcodes: readonly number[]) =>
  (fault: Fault) =>
    fault.number === code && subcodes.includes(fault.subcode ?? 0)
const isOwn = ({ tokenOf }: Fault) => tokenOf === 'own'

const isRate = (fault: Fault) =>
  codes(4, 17, 32, 341, 613)(fault) || ((fault.number ?? 0) >= 80_000 && (fault.number ?? 0) < 80_100)
/** 3, 10 and 200 to 299: a right is missing, of the app or of the token. */
const isPermission = (fault: Fault) =>
  codes(3, 10)(fault) || ((fault.number ?? 0) >= 200 && (fault.number ?? 0) <= 299)
/** Words by which Meta says that the app lacks a right; they decide between app and owner, and nothing else. */
const saysApp = ({ message }: Fault) =>
  /API access (is )?(blocked|deactivated|disabled)|not have the capability|app dashboard|app (is )?(in|not in|not) (development|live|active)/i.test(
    message,
  )
const withdrawn = ({ message }: Fault) => /non-?existing field \((\w+)\)/i.exec(message)?.[1]

/** Calls while throttled prolong it, and the window rolls: a quarter of an hour frees a quarter (Graph API rate limits). */
const slowDown = (fault: Fault) => kinds.rate.make({ ...fault, afterMs: fault.afterMs ?? 15 * minute })

const source = 'https://developers.facebook.com/docs/graph-api/guides/error-handling'
const ownSource =
  'https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes'

/** The error table of Instagram, by code, subcode, and by whose token was used. */
export const errorTable: readonly Row<Fault>[] = [
  {
    when: '4/2207051, not transient',
    is: (fault) => sub(4, 2207051)(fault) && !fault.isTransient,
    kind: 'blocked',
    source: ownSource,
  },
  { when: '4, 17, 32, 341, 613, 80000 to 80099', is: isRate, kind: 'rate', make: slowDown, source },
  { when: '`is_transient`', is: ({ isTransient }) => isTransient, kind: 'transient', source },
  {
    when: '1 with words about the amount of data',
    is: (fault) => codes(1)(fault) && /reduce\W.*\bdata\b/i.test(fault.message),
    kind: 'other',
    make: ({ text }) => new TooMuchData(`the page is too heavy: ${text}`),
    source,
  },
  { when: '1, 2, -1, -2', is: codes(1, 2, -1, -2), kind: 'transient', source },
  {
    when: "190/459, 190/464 of an owner's token",
    is: (fault) => sub(190, 459, 464)(fault) && isOwn(fault),
    kind: 'check',
    source,
  },
  {
    when: "190 otherwise, 102, of an owner's token",
    is: (fault) => codes(190, 102)(fault) && isOwn(fault),
    kind: 'revoked',
    source,
  },
  { when: '190, 102 of the shared token', is: codes(190, 102), kind: 'app', source },
  {
    when: '3, 10, 200 to 299 with words about the app, or of the shared token',
    is: (fault) => isPermission(fault) && (saysApp(fault) || !isOwn(fault)),
    kind: 'app',
    source,
  },
  { when: "3, 10, 200 to 299 of an owner's token", is: isPermission, kind: 'scopes', source },
  { when: '100/33', is: sub(100, 33), kind: 'bare', source },
  {
    when: '24, 110, 100/2207013',
    is: (fault) => codes(24, 110)(fault) || sub(100, 2207013)(fault),
    kind: 'missing',
    make: ({ text, code }) => new NotFound(`Instagram does not find it: ${text}`, code),
    source: ownSource,
  },
  {
    when: '100 with words about a field that does not exist',
    is: (fault) => codes(100)(fault) && withdrawn(fault) !== undefined,
    kind: 'other',
    make: (fault) => new FieldWithdrawn(withdrawn(fault) ?? '', fault.text),
    source,
  },
  { when: '100/2108006', is: sub(100, 2108006), kind: 'bug', source: ownSource },
  {
    when: '368 of the shared token',
    is: (fault) => codes(368)(fault) && !isOwn(fault),
    kind: 'blocked',
    source,
  },
  { when: '368, 36104', is: codes(368, 36104), kind: 'denied', source },
  {
    when: 'no code, 429',
    is: ({ number, status }) => number === null && status === 429,
    kind: 'rate',
    make: slowDown,
    source: 'ours',
  },
  {
    when: 'no code, 401 or 403',
    is: ({ number, status }) => number === null && [401, 403].includes(status),
    kind: 'bare',
    source: 'ours',
  },
  { when: '5xx', is: ({ status }) => status >= 500, kind: 'transient', source },
  { when: 'anything else', is: () => true, kind: 'unknown', source: 'ours' },
]

/** What to do when the app is at fault. */
export const appRemedy =
  "look at the app's dashboard at Meta: its mode, review, permissions and restrictions, and whether the shared token of INSTAGRAM_USER_ID still works"

/** The verdict on an answer that carries an error, whatever its HTTP status, or that is none of theirs. */
export function verdictOf(status: number, headers: Headers, text: string, tokenOf: TokenOf): Error {
  return verdictBy(errorTable, readFault(status, headers, text, tokenOf))
}

/** What an answer says, read for the table. */
export function readFault(status: number, headers: Headers, text: string, tokenOf: TokenOf): Fault {
  const error = refusalIn(text)?.error
  const message = error?.message ?? ''
  const code = `${error?.code ?? status}${error?.error_subcode ? `/${error.error_subcode}` : ''}`
  return {
    platform: 'Instagram',
    status,
    code,
    number: error?.code ?? null,
    subcode: error?.error_subcode,
    isTransient: error?.is_transient ?? false,
    message,
    text: `${code}, ${message.slice(0, 200)}`,
    tokenOf,
    afterMs: retryAfterMs(headers) ?? regainMs(headers),
  }
}

/** The error that an answer carries; undefined: none that is of their shape. */
export function refusalIn(text: string): ReturnType<typeof Refusal.parse> | undefined {
  return Refusal.safeParse(jsonOf(text)).data
}
