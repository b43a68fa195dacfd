import { createHash } from 'node:crypto'
import * as z from 'zod'
import { request } from '../../http/request.ts'
import { jsonOf } from '../../model/json.ts'
import { type Consent, type ConsentFault, ConsentRefused, type Granted } from '../consent.ts'
import type { OauthOptions } from './oauth.ts'

/** Lifetimes in seconds. */
const Tokens = z.object({
  open_id: z.string().min(1),
  scope: z.string(),
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1),
  refresh_expires_in: z.number().positive(),
})
const Refusal = z.object({ error: z.string(), error_description: z.string().default('') })
const Named = z.object({ data: z.object({ user: z.object({ username: z.string().min(1) }) }) })

const scopes = [
  { name: 'user.info.basic', gives: 'name and picture', isNeeded: true },
  { name: 'video.list', gives: 'your public videos and their numbers', isNeeded: true },
  { name: 'user.info.profile', gives: 'your username and profile', isNeeded: false },
  { name: 'user.info.stats', gives: 'numbers of followers, likes and videos', isNeeded: false },
]

export interface TiktokConsentOptions extends OauthOptions {
  /** https://www.tiktok.com or a simulator. */
  readonly windowUrl: string
}

/** Login Kit for web, with PKCE (Consent, TikTok). */
export const tiktokConsent = (options: TiktokConsentOptions): Consent => ({
  scopes,
  window: ({ redirect, state, verifier }) => {
    const query = new URLSearchParams({
      client_key: options.clientKey,
      response_type: 'code',
      scope: scopes.map(({ name }) => name).join(','),
      redirect_uri: redirect,
      state,
      code_challenge: challengeOf(verifier),
      code_challenge_method: 'S256',
      // TikTok asks an owner who is signed in which account it is to be.
      disable_auto_auth: '1',
    })
    return `${options.windowUrl}/v2/auth/authorize/?${query}`
  },
  exchange: async ({ code, redirect, verifier }, signal) => {
    const form = {
      client_key: options.clientKey,
      client_secret: options.clientSecret,
      grant_type: 'authorization_code',
      redirect_uri: redirect,
      code,
      code_verifier: verifier,
    }
    const answer = await ask(options, '/v2/oauth/token/', signal, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    })
    const body = jsonOf(answer.text)
    const refusal = Refusal.safeParse(body).data
    if (refusal?.error) throw refused(refusal)
    const tokens = Tokens.safeParse(body).data
    if (!tokens) throw new ConsentRefused('unavailable', `TikTok answered ${answer.status} without a token`)
    return granted(tokens, await usernameOf(options, tokens, signal))
  },
})

/** In hexadecimal, against RFC 7636. */
const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('hex')

async function ask(options: OauthOptions, path: string, signal: AbortSignal, init: RequestInit) {
  try {
    return await request(options.fetch, `${options.baseUrl}${path}`, { ...init, signal })
  } catch {
    throw new ConsentRefused('unavailable', 'TikTok does not answer')
  }
}

/** The username, where the owner granted its scope. null: not known yet. */
async function usernameOf(
  options: OauthOptions,
  { scope, access_token }: z.infer<typeof Tokens>,
  signal: AbortSignal,
): Promise<string | null> {
  if (!scope.split(',').includes('user.info.profile')) return null
  const headers = { authorization: `Bearer ${access_token}` }
  const answer = await ask(options, '/v2/user/info/?fields=open_id,username', signal, { headers })
  return Named.safeParse(jsonOf(answer.text)).data?.data.user.username ?? null
}

const faults: Readonly<Record<string, ConsentFault>> = {
  invalid_grant: 'code',
  invalid_client: 'app',
  unauthorized_client: 'app',
  invalid_scope: 'app',
}

function refused({ error, error_description: says }: z.infer<typeof Refusal>): ConsentRefused {
  const fault = /redirect/i.test(says) ? 'redirect' : (faults[error] ?? 'unavailable')
  return new ConsentRefused(fault, `TikTok refuses the code: ${error}`)
}

const granted = (tokens: z.infer<typeof Tokens>, handle: string | null): Granted => ({
  ids: [tokens.open_id],
  handle,
  app_user_id: null,
  tokens: {
    access: tokens.access_token,
    access_s: tokens.expires_in,
    refresh: tokens.refresh_token,
    refresh_s: tokens.refresh_expires_in,
  },
  scopes: tokens.scope.split(',').filter((scope) => scope !== ''),
})
