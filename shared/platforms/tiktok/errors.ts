import type * as z from 'zod'
import { AccountGone, RetryableError, TerminalError } from '../../errors.ts'
import { retryAfterMs } from '../../http/retry-after.ts'
import { Envelope } from './resources.ts'

interface Fault {
  readonly status: number
  readonly code: string
  readonly text: string
  readonly afterMs: number | undefined
}
type Verdict = (fault: Fault) => Error

/** The token of this account alone is at fault: it waits for maintain to refresh it, no other account does. */
const token: Verdict = ({ text }) =>
  new RetryableError(`TikTok refuses the access token: ${text}`, { reason: 'credential', afterMs: 600_000 })
const denied: Verdict = ({ text }) =>
  new AccountGone(`TikTok wants the user to grant access again: ${text}`, 'reauth_required')
const rate: Verdict = ({ text, afterMs }) =>
  new RetryableError(`TikTok asks to slow down: ${text}`, {
    scope: 'pool',
    reason: 'rate',
    afterMs: afterMs ?? 60_000,
  })
const bug: Verdict = ({ text }) => new TerminalError(`TikTok refuses the request: ${text}`, { reason: 'bug' })
const transient: Verdict = ({ status, afterMs }) =>
  new RetryableError(`TikTok answered ${status}`, { reason: 'platform', afterMs })

/** The error table of platform-apis 3.1, by `error.code`. */
const table: Readonly<Record<string, Verdict>> = {
  access_token_invalid: token,
  scope_not_authorized: denied,
  scope_permission_missed: denied,
  rate_limit_exceeded: rate,
  invalid_params: bug,
  internal_error: transient,
}

/** The verdict on an answer whose code is not `ok`, or that is no answer of theirs at all. */
export function verdictOf(status: number, headers: Headers, text: string): Error {
  const { code, message } = parsed(text)?.error ?? { code: '', message: '' }
  const fault = {
    status,
    code,
    text: `${code || status}, ${message.slice(0, 200)}`,
    afterMs: retryAfterMs(headers),
  }
  const verdict = table[code]
  if (verdict) return verdict(fault)
  if (status === 429) return rate(fault)
  if (status === 401) return token(fault)
  return (status >= 400 && status < 500 ? bug : transient)(fault)
}

const Refusal = Envelope.pick({ error: true })

function parsed(text: string): z.infer<typeof Refusal> | undefined {
  try {
    return Refusal.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
