import type { World } from '../../world/world.ts'
import { type Consents, openConsents } from '../consent.ts'
import type { SimAnswer, SimRequest } from '../server.ts'
import { refuse } from './errors.ts'
import type { LongLived } from './tokens.ts'

/** The app of Instagram Login in the simulated world. */
export const loginApp = { id: '17900000000000001', secret: 'simulated-instagram-login-secret' }

/** Business login: window, exchange of the code, and of the short-lived token (Consent, Instagram). */
export function openInstagramConsent(
  world: World,
  now: () => Date,
  issue: (id: string) => LongLived,
): { readonly consents: Consents; readonly answer: (request: SimRequest) => SimAnswer | undefined } {
  const consents = openConsents({
    ...{ title: 'Instagram', now, codeLifeS: 3_600, hasPersonal: true },
    rights: [{ name: 'instagram_business_basic' }, { name: 'instagram_business_manage_insights' }],
    owners: () =>
      [...world.profiles('instagram')].map((user) => ({
        id: String(user['id']),
        name: String(user['username']),
      })),
  })
  const exchange = (request: SimRequest): SimAnswer => {
    const form = new URLSearchParams(request.body)
    if (form.get('client_id') !== loginApp.id || form.get('client_secret') !== loginApp.secret)
      return flat('Invalid platform app')
    const redeemed = consents.redeem(form.get('code') ?? '', form.get('redirect_uri') ?? '', () => true)
    if (redeemed === 'redirect')
      return flat('Error validating verification code. Please make sure your redirect_uri is identical')
    if (typeof redeemed === 'string')
      return flat('Invalid authorization code. Matching code was not found or was already used')
    const { id, scopes } = redeemed
    // A number that exceeds what JavaScript holds, as they come.
    const body = `{"data":[{"access_token":"IGQS.${id}","user_id":${appScoped(id)},"permissions":"${scopes.join(',')}"}]}`
    return { status: 200, body }
  }
  const prolong = ({ query }: SimRequest): SimAnswer => {
    const [kind, id] = (query.get('access_token') ?? '').split('.')
    if (query.get('grant_type') !== 'ig_exchange_token') return refuse(100, '(#100) grant_type')
    if (query.get('client_secret') !== loginApp.secret)
      return refuse(100, '(#100) Error validating client secret')
    return kind === 'IGQS' && id ? { status: 200, body: issue(id) } : refuse(190, 'Invalid access token')
  }
  return {
    consents,
    answer: (request) => {
      if (request.path === '/oauth/authorize') return consents.window(request)
      if (request.path === '/oauth/access_token') return exchange(request)
      return request.path === '/access_token' ? prolong(request) : undefined
    },
  }
}

/** How the app knows an owner: another number than the account's. */
export const appScoped = (id: string): string => `2${id.replaceAll(/\D/g, '').padStart(18, '7').slice(-18)}`

const flat = (error_message: string): SimAnswer => ({
  status: 400,
  body: { error_type: 'OAuthException', code: 400, error_message },
})
