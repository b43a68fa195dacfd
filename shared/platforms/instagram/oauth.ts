import * as z from 'zod'
import { AccountGone, RetryableError } from '../../errors.ts'
import { type Fetch, parseJson, request } from '../../http/request.ts'
import { retryAfterMs } from '../../http/retry-after.ts'
import type { FreshTokens } from '../../model/credential.ts'
import { refusalIn } from './errors.ts'

/** Lifetime in seconds. */
const Refreshed = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() })

/** Codes that say the token itself is dead (Graph API errors). */
const dead: ReadonlySet<number> = new Set([102, 190])

/**
 * Renews a long-lived token of Instagram Login for another 60 days; it must be a day old and still alive, and is its
 * own refresh token (Instagram tokens). Throws AccountGone `reauth_required` when it is dead, a RetryableError
 * otherwise; tokens never reach a message.
 */
export async function refreshInstagram(
  { fetch, baseUrl }: { readonly fetch: Fetch; readonly baseUrl: string },
  token: string,
  signal: AbortSignal,
): Promise<FreshTokens> {
  const query = new URLSearchParams({ grant_type: 'ig_refresh_token', access_token: token })
  const answer = await request(fetch, `${baseUrl}/refresh_access_token?${query}`, { signal })
  const refusal = refusalIn(answer.text)?.error
  if (refusal && dead.has(refusal.code)) {
    throw new AccountGone(
      'Instagram refuses the token: its owner must grant access again',
      'reauth_required',
      {
        code: String(refusal.code),
        isCertain: true,
      },
    )
  }
  const tokens = answer.status === 200 ? Refreshed.safeParse(parseJson(answer.text)).data : undefined
  if (!tokens) {
    const afterMs = retryAfterMs(answer.headers)
    throw new RetryableError(`Instagram gives no token: ${refusal?.code ?? answer.status}`, { afterMs })
  }
  return { access: tokens.access_token, access_s: tokens.expires_in, refresh: null, refresh_s: null }
}
