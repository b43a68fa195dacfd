import { createHash } from 'node:crypto'
import type { World } from '../../world/world.ts'
import { type Consents, openConsents } from '../consent.ts'
import type { SimAnswer } from '../server.ts'
import type { Tokens } from './tokens.ts'

/** Login Kit: window, and exchange of the code with its verifier (Consent, TikTok). */
export function openTiktokConsent(
  world: World,
  now: () => Date,
  issue: (openId: string, scope: string) => Tokens,
): { readonly consents: Consents; readonly exchange: (form: URLSearchParams) => SimAnswer } {
  const consents = openConsents({
    ...{ title: 'TikTok', now, codeLifeS: 600, hasPersonal: false },
    // The first one cannot be unticked.
    rights: [
      { name: 'user.info.basic', isFixed: true },
      ...[{ name: 'user.info.profile' }, { name: 'user.info.stats' }, { name: 'video.list' }],
    ],
    owners: () =>
      world.accounts('tiktok').flatMap((id) => {
        const user = world.profile('tiktok', id)
        return user ? [{ id, name: String(user['username'] ?? id) }] : []
      }),
  })
  const exchange = (form: URLSearchParams): SimAnswer => {
    // In hexadecimal, against RFC 7636.
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('hex')
    const redeemed = consents.redeem(
      form.get('code') ?? '',
      form.get('redirect_uri') ?? '',
      (asked) => asked === challenge,
    )
    if (redeemed === 'redirect')
      return refused('Redirect_uri is not matched with the uri when requesting code.')
    if (redeemed === 'verifier') return refused('Code verifier or code challenge is invalid.')
    if (redeemed === 'code') return refused('Authorization code is expired.')
    return { status: 200, body: issue(redeemed.id, redeemed.scopes.join(',')) }
  }
  return { consents, exchange }
}

/** Refusals come with status 200 too. */
const refused = (error_description: string): SimAnswer => ({
  status: 200,
  body: { error: 'invalid_grant', error_description, log_id: '202601010000000000000000' },
})
