import * as z from 'zod'
import { type Fetch, request } from '../../http/request.ts'
import { jsonOf } from '../../model/json.ts'
import { type Consent, type ConsentFault, ConsentRefused } from '../consent.ts'
import { refusalIn } from './errors.ts'

export interface InstagramConsentOptions {
  readonly fetch: Fetch
  /** The id of the app as Instagram has it, which is not that of Meta. */
  readonly clientId: string
  readonly clientSecret: string
  /** https://www.instagram.com, https://api.instagram.com, https://graph.instagram.com, or a simulator. */
  readonly windowUrl: string
  readonly tokenUrl: string
  readonly graphUrl: string
  readonly version: string
}

const scopes = [
  { name: 'instagram_business_basic', gives: 'your profile and your posts', isNeeded: true },
  { name: 'instagram_business_manage_insights', gives: 'numbers of views, reach and saves', isNeeded: false },
]

/** Permissions come as a list or as text; the object bare or in a list (Consent, Instagram). */
const Short = z.object({
  access_token: z.string().min(1),
  user_id: z.string().min(1),
  permissions: z.union([z.string(), z.array(z.string())]).default([]),
})
const Exchanged = z.union([z.object({ data: z.array(Short).min(1) }).transform(({ data }) => data[0]), Short])
const Long = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() })
const Me = z.object({
  id: z.string().min(1),
  /** As accounts of others are known by; `id` may be of this app alone. */
  user_id: z.string().optional(),
  username: z.string().min(1),
  account_type: z.string().optional(),
})

/** Business login (Instagram API with Instagram Login): professional accounts only; it has no PKCE. */
export const instagramConsent = (options: InstagramConsentOptions): Consent => ({
  scopes,
  window: ({ redirect, state }) => {
    const query = new URLSearchParams({
      client_id: options.clientId,
      redirect_uri: redirect,
      response_type: 'code',
      scope: scopes.map(({ name }) => name).join(','),
      state,
      enable_fb_login: '0',
      // The owner may be signed in with an account other than the one to connect.
      force_reauth: 'true',
    })
    return `${options.windowUrl}/oauth/authorize?${query}`
  },
  exchange: async ({ code, redirect }, signal) => {
    const short = await shortToken(options, code, redirect, signal)
    const long = await longToken(options, short.access_token, signal)
    const me = await ownerOf(options, long.access_token, signal)
    if (me.account_type === 'PERSONAL')
      throw new ConsentRefused('account', 'a personal account of Instagram cannot be read')
    const { permissions } = short
    const granted = typeof permissions === 'string' ? permissions.split(',') : permissions
    return {
      ids: [...new Set([me.id, me.user_id ?? me.id])],
      handle: me.username,
      app_user_id: short.user_id,
      tokens: { access: long.access_token, access_s: long.expires_in, refresh: null, refresh_s: null },
      scopes: granted.map((scope) => scope.trim()).filter((scope) => scope !== ''),
    }
  },
})

async function shortToken(
  { fetch, tokenUrl, clientId, clientSecret }: InstagramConsentOptions,
  code: string,
  redirect: string,
  signal: AbortSignal,
) {
  const form = {
    client_id: clientId,
    client_secret: clientSecret,
    grant_type: 'authorization_code',
    redirect_uri: redirect,
    // The browser shows `#_` behind it, which is no part of it.
    code: code.replace(/#_$/, ''),
  }
  const answer = await ask(fetch, `${tokenUrl}/oauth/access_token`, signal, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  })
  const short = Exchanged.safeParse(jsonOf(withTextIds(answer.text))).data
  if (!short) throw refused(answer.text, answer.status)
  return short
}

/** Numbers of users exceed what a number of JavaScript holds. */
const withTextIds = (text: string) => text.replaceAll(/("user_id"\s*:\s*)(\d+)/g, '$1"$2"')

async function longToken(
  { fetch, graphUrl, clientSecret }: InstagramConsentOptions,
  token: string,
  signal: AbortSignal,
) {
  const query = new URLSearchParams({
    grant_type: 'ig_exchange_token',
    client_secret: clientSecret,
    access_token: token,
  })
  const answer = await ask(fetch, `${graphUrl}/access_token?${query}`, signal)
  const long = answer.status === 200 ? Long.safeParse(jsonOf(answer.text)).data : undefined
  if (!long) throw refused(answer.text, answer.status)
  return long
}

async function ownerOf(
  { fetch, graphUrl, version }: InstagramConsentOptions,
  token: string,
  signal: AbortSignal,
) {
  const url = `${graphUrl}/${version}/me?fields=id,user_id,username,account_type`
  const answer = await ask(fetch, url, signal, { headers: { authorization: `Bearer ${token}` } })
  const me = answer.status === 200 ? Me.safeParse(jsonOf(withTextIds(answer.text))).data : undefined
  if (!me) throw refused(answer.text, answer.status)
  return me
}

async function ask(fetch: Fetch, url: string, signal: AbortSignal, init: RequestInit = {}) {
  try {
    return await request(fetch, url, { ...init, signal })
  } catch {
    throw new ConsentRefused('unavailable', 'Instagram does not answer')
  }
}

/** The token endpoint has errors of its own form: `{error_type, code, error_message}`. */
const Flat = z.object({ error_type: z.string(), error_message: z.string().default('') })

function refused(text: string, status: number): ConsentRefused {
  const flat = Flat.safeParse(jsonOf(text)).data
  const graph = refusalIn(text)?.error
  const says = flat?.error_message ?? graph?.message ?? ''
  return new ConsentRefused(faultOf(says, status), `Instagram gives no token: ${graph?.code ?? status}`)
}

function faultOf(says: string, status: number): ConsentFault {
  if (status >= 500 || status === 429) return 'unavailable'
  if (/redirect/i.test(says)) return 'redirect'
  if (/authorization code|matching code/i.test(says)) return 'code'
  return /\b(?:client|secret|platform app)\b/i.test(says) ? 'app' : 'code'
}
