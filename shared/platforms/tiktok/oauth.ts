import * as z from 'zod'
import { AccountGone, RetryableError } from '../../errors.ts'
import { type Fetch, parseJson, request } from '../../http/request.ts'
import { retryAfterMs } from '../../http/retry-after.ts'
import type { FreshTokens } from '../../model/credential.ts'

/** Lifetimes in seconds. */
const Refreshed = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1),
  refresh_expires_in: z.number().positive(),
})

/** Errors of the token endpoint are flat, and may come with any status (TikTok tokens). */
const Refusal = z.object({ error: z.string(), error_description: z.string().default('') })

export interface OauthOptions {
  readonly fetch: Fetch
  readonly baseUrl: string
  readonly clientKey: string
  readonly clientSecret: string
}

/**
 * Exchanges a single-use refresh token, which has stopped working then: nothing but its own time limit ends this call, since
 * a lost answer is a lost account. Throws AccountGone `reauth_required` when it is refused for good, a
 * RetryableError otherwise; tokens never reach a message.
 */
export async function refreshTiktok(options: OauthOptions, refreshToken: string): Promise<FreshTokens> {
  const { fetch, baseUrl, clientKey, clientSecret } = options
  const form = {
    client_key: clientKey,
    client_secret: clientSecret,
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
  }
  const answer = await request(fetch, `${baseUrl}/v2/oauth/token/`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  })
  if (answer.status >= 500 || answer.status === 429) {
    const afterMs = retryAfterMs(answer.headers)
    const maybeDone = answer.status >= 500
    throw new RetryableError(`TikTok answered ${answer.status}`, { afterMs, maybeDone })
  }
  const body = parseJson(answer.text)
  const tokens = Refreshed.safeParse(body)
  if (tokens.success) return fresh(tokens.data)
  const refusal = Refusal.safeParse(body).data
  if (refusal?.error === 'invalid_grant') {
    throw new AccountGone(
      'TikTok refuses the refresh token: its owner must grant access again',
      'reauth_required',
      { code: refusal.error, isCertain: true },
    )
  }
  throw new RetryableError(`TikTok gives no tokens: ${refusal?.error ?? answer.status}`, {
    reason: 'credential',
    maybeDone: answer.status === 200 && !refusal?.error,
  })
}

const fresh = (tokens: z.infer<typeof Refreshed>): FreshTokens => ({
  access: tokens.access_token,
  access_s: tokens.expires_in,
  refresh: tokens.refresh_token,
  refresh_s: tokens.refresh_expires_in,
})
