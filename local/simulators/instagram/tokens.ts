import type { SimAnswer, SimRequest } from '../server.ts'
import { badToken, refuse } from './errors.ts'

/** What a long-lived token of an account comes as. */
export interface LongLived {
  readonly access_token: string
  readonly token_type: 'bearer'
  readonly expires_in: number
}

const lifeS = 60 * 86_400
const dayS = 86_400

/** Our own professional account, on whose behalf others are looked up, and the token of the app for it. */
export const ownUser = { id: '17841400000000000', username: 'social.sync.demo' }
export const sharedToken = 'EAA-simulated-shared-token'

/** Tokens of many owners without a memory: a token names its owner and its end. */
export function openTokens(now: () => Date) {
  const nowS = () => Math.floor(now().getTime() / 1000)
  const issue = (id: string): LongLived => ({
    access_token: `IGAA.${id}.${nowS() + lifeS}`,
    token_type: 'bearer',
    expires_in: lifeS,
  })
  const read = (token: string) => {
    const [kind, id = '', until = ''] = token.split('.')
    return kind === 'IGAA' && Number(until) > nowS() ? { id, until: Number(until) } : undefined
  }
  return {
    consent: issue,
    ownerOf: (token: string) => read(token)?.id,
    /** A token is renewed when it is a day old and still alive. */
    refresh: (request: SimRequest): SimAnswer => {
      const known = read(request.query.get('access_token') ?? '')
      if (request.query.get('grant_type') !== 'ig_refresh_token') return refuse(100, '(#100) grant_type')
      if (!known) return badToken
      if (known.until - lifeS > nowS() - dayS) return refuse(100, '(#100) The token is less than a day old')
      return { status: 200, body: issue(known.id) }
    },
  }
}
