import type { SimAnswer, SimRequest } from '../server.ts'

/** What the token endpoint answers. */
export interface Tokens {
  readonly open_id: string
  readonly scope: string
  readonly access_token: string
  readonly expires_in: number
  readonly refresh_token: string
  readonly refresh_expires_in: number
  readonly token_type: 'Bearer'
}

const refreshS = 180 * 86_400
const wholeScope = 'user.info.basic,user.info.profile,user.info.stats,video.list'

/**
 * Tokens of many users without a memory: a token names its owner and its number. A refresh gives the next number and
 * the old refresh token stops working (TikTok tokens).
 */
export function openTokens({
  now,
  accessS = 7_200,
}: {
  readonly now: () => Date
  readonly accessS?: number
}) {
  const numbers = new Map<string, number>()
  const nowS = () => Math.floor(now().getTime() / 1000)
  const issue = (openId: string, number: number, scope = wholeScope): Tokens => ({
    open_id: openId,
    scope,
    access_token: `act.${encode(openId)}.${nowS() + accessS}`,
    expires_in: accessS,
    refresh_token: `rft.${encode(openId)}.${number}`,
    refresh_expires_in: refreshS,
    token_type: 'Bearer',
  })
  const refresh = (token: string): SimAnswer => {
    const [kind, owner = '', number] = token.split('.')
    const openId = decode(owner)
    // After a restart the newest number is unknown: the one presented is accepted.
    const newest = numbers.get(openId) ?? Number(number)
    if (kind !== 'rft' || Number(number) !== newest) return invalidGrant
    numbers.set(openId, newest + 1)
    return { status: 200, body: issue(openId, newest + 1) }
  }
  return {
    consent: (openId: string, scope?: string) => {
      const number = (numbers.get(openId) ?? 0) + 1
      if (numbers.has(openId)) numbers.set(openId, number)
      return issue(openId, number, scope)
    },
    ownerOf: (token: string): string | undefined => {
      const [kind, owner = '', until] = token.split('.')
      return kind === 'act' && Number(until) > nowS() ? decode(owner) : undefined
    },
    /** Whether it is the token of an app itself. */
    isOfApp: (token: string): boolean => {
      const [kind, until] = token.split('.')
      return kind === 'clt' && Number(until) > nowS()
    },
    /** @param exchange answers for the code of a consent */
    answer: (request: SimRequest, exchange: (form: URLSearchParams) => SimAnswer): SimAnswer => {
      const form = new URLSearchParams(request.body)
      if (!form.get('client_key') || !form.get('client_secret'))
        return flat('invalid_client', 'client_key is required')
      if (form.get('grant_type') === 'client_credentials')
        return {
          status: 200,
          body: { access_token: `clt.${nowS() + 7_200}`, expires_in: 7_200, token_type: 'Bearer' },
        }
      if (form.get('grant_type') === 'authorization_code') return exchange(form)
      if (form.get('grant_type') !== 'refresh_token')
        return flat(
          'unsupported_grant_type',
          'only authorization_code, refresh_token and client_credentials here',
        )
      return refresh(form.get('refresh_token') ?? '')
    },
  }
}

const encode = (openId: string) => Buffer.from(openId).toString('base64url')
const decode = (text: string) => Buffer.from(text, 'base64url').toString('utf8')

/** Errors of the token endpoint are flat, unlike all others. */
const flat = (error: string, error_description: string): SimAnswer => ({
  status: 400,
  body: { error, error_description, log_id: '202601010000000000000000' },
})
const invalidGrant = flat('invalid_grant', 'Refresh token is invalid or expired.')
