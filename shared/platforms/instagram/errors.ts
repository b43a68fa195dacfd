import { AccountGone, CursorRefused, RetryableError, TerminalError } from '../../errors.ts'
import { retryAfterMs } from '../../http/retry-after.ts'
import { Refusal } from './resources.ts'
import { regainMs } from './usage.ts'

/** By whose token the call was made: a fault of the shared one is nobody's own. */
export type TokenOf = 'own' | 'shared'

interface Fault {
  readonly status: number
  readonly code: number | null
  readonly subcode: number | undefined
  readonly isTransient: boolean
  readonly message: string
  readonly text: string
  readonly tokenOf: TokenOf
  /** Until when the platform asks to wait, where it tells. */
  readonly afterMs: number | undefined
}
type Verdict = (fault: Fault) => Error

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
}

const minute = 60_000
const hour = 60 * minute

/** Calls while throttled prolong it, and the window rolls: a quarter of an hour frees a quarter (platform-apis 2.3). */
const rate: Verdict = ({ text, afterMs }) =>
  new RetryableError(`Instagram asks to slow down: ${text}`, {
    scope: 'pool',
    reason: 'rate',
    afterMs: Math.min(afterMs ?? 15 * minute, 24 * hour),
  })
const blocked: Verdict = ({ text }) =>
  new RetryableError(`Instagram has blocked this action: ${text}`, {
    scope: 'pool',
    reason: 'blocked',
    afterMs: 24 * hour,
  })
const token: Verdict = ({ text, tokenOf }) =>
  tokenOf === 'own'
    ? new AccountGone(`its owner must grant access again: ${text}`, 'reauth_required')
    : new RetryableError(`Instagram refuses the shared token: ${text}`, {
        scope: 'pool',
        reason: 'credential',
        afterMs: hour,
      })
const denied: Verdict = ({ text }) => new AccountGone(`Instagram denies access: ${text}`, 'private')
const notFound: Verdict = ({ text }) =>
  new NotFound(`Instagram does not find it: ${text}`, { reason: 'missing' })
/** Missing, no permission, or throttling in disguise: never a reason to think anything gone. */
const ambiguous: Verdict = ({ text }) =>
  new RetryableError(`Instagram does not say why it refuses: ${text}`, {
    reason: 'platform',
    afterMs: hour,
  })
const transient: Verdict = ({ status, text, afterMs }) =>
  new RetryableError(`Instagram answered ${status}: ${text}`, { reason: 'platform', afterMs })
const bug: Verdict = ({ text }) =>
  new TerminalError(`Instagram refuses the request: ${text}`, { reason: 'bug' })
const refusedPlace: Verdict = ({ text }) =>
  new CursorRefused(`Instagram refuses the cursor: ${text}`, { reason: 'cursor' })
const tooMuch: Verdict = ({ text }) => new TooMuchData(`the page is too heavy: ${text}`)

/** Parameter errors, told apart by subcode and message. */
const parameter: Verdict = (fault) => {
  if (fault.subcode === 33) return ambiguous(fault)
  if (fault.subcode === 2207013) return notFound(fault)
  const field = /nonexisting field \((\w+)\)/.exec(fault.message)?.[1]
  if (field) return new FieldWithdrawn(field, fault.text)
  return /\bcursor\b/i.test(fault.message) ? refusedPlace(fault) : bug(fault)
}

const unknown: Verdict = (fault) =>
  /reduce the amount of data/i.test(fault.message) ? tooMuch(fault) : transient(fault)

/** The error table of platform-apis 2.4, by code. */
const table: Readonly<Record<number, Verdict>> = {
  1: unknown,
  2: transient,
  [-1]: transient,
  [-2]: transient,
  4: (fault) => (fault.subcode === 2207051 && !fault.isTransient ? blocked : rate)(fault),
  17: rate,
  32: rate,
  341: rate,
  613: rate,
  80002: rate,
  102: token,
  190: token,
  3: token,
  10: token,
  24: notFound,
  100: parameter,
  110: notFound,
  368: (fault) => (fault.tokenOf === 'shared' ? blocked : denied)(fault),
  36104: denied,
}

/** The verdict on an answer that carries an error, whatever its HTTP status, or that is none of theirs. */
export function verdictOf(status: number, headers: Headers, text: string, tokenOf: TokenOf): Error {
  const fault = readFault(status, headers, text, tokenOf)
  const { code } = fault
  if (fault.isTransient && table[code ?? 0] !== rate && code !== 4) return transient(fault)
  const verdict = code === null ? undefined : (table[code] ?? (isPermission(code) ? token : undefined))
  if (verdict) return verdict(fault)
  if (status >= 500) return transient(fault)
  if (status === 429) return rate(fault)
  if (status === 401) return token(fault)
  return (status >= 400 ? bug : transient)(fault)
}

const isPermission = (code: number) => code >= 200 && code <= 299

function readFault(status: number, headers: Headers, text: string, tokenOf: TokenOf): Fault {
  const error = refusalIn(text)?.error
  const code = error?.code ?? null
  const message = error?.message ?? ''
  return {
    status,
    code,
    subcode: error?.error_subcode,
    isTransient: error?.is_transient ?? false,
    message,
    text: `${code ?? status}${error?.error_subcode ? `/${error.error_subcode}` : ''}, ${message.slice(0, 200)}`,
    tokenOf,
    afterMs: retryAfterMs(headers) ?? regainMs(headers),
  }
}

/** The error that an answer carries; undefined: none that is of their shape. */
export function refusalIn(text: string): ReturnType<typeof Refusal.parse> | undefined {
  try {
    return Refusal.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
