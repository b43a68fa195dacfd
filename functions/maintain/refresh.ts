import pMap from 'p-map'
import { sealWith } from '#shared/cloud/seal.ts'
import {
  claimExpiring,
  type ExpiringCredential,
  requireReauth,
  sealedAbout,
  storeRefreshed,
} from '#shared/db/credentials.ts'
import type { Db } from '#shared/db/pool.ts'
import { AccountGone } from '#shared/errors.ts'
import { Tokens } from '#shared/model/credential.ts'
import type { Refreshed } from '#shared/platforms/tiktok/oauth.ts'
import type { Logger } from '#shared/telemetry/logger.ts'

export interface RefreshDeps {
  readonly db: Db
  readonly log: Logger
  /** The data key of the tokens, 32 bytes. */
  readonly key: Buffer
  readonly refresh: (refreshToken: string) => Promise<Refreshed>
}

const batch = 50

/**
 * Refreshes TikTok tokens that end soon, each once: a refresh token works a single time, so each is leased to one
 * refresher and the new pair is stored before anybody uses it. One bad token stops no other. Returns how many were
 * refreshed.
 */
export async function refreshTokens(deps: RefreshDeps, timeLeft: () => boolean): Promise<number> {
  let refreshed = 0
  while (timeLeft()) {
    const expiring = await claimExpiring(deps.db, 'tiktok', batch)
    const done = await pMap(expiring, (credential) => refreshOne(deps, credential), { concurrency: 4 })
    refreshed += done.filter(Boolean).length
    if (expiring.length < batch) break
  }
  return refreshed
}

async function refreshOne(deps: RefreshDeps, credential: ExpiringCredential): Promise<boolean> {
  const { db, log } = deps
  const seal = sealWith(deps.key)
  const about = sealedAbout(credential.platform, credential.account_id)
  const facts = { credential_id: credential.id, account_id: credential.account_id }
  if (credential.ending)
    log.warn(facts, 'a refresh token ends within a week: its owner must grant access again')
  try {
    const { refresh } = Tokens.parse(JSON.parse(seal.open(credential.sealed, about)))
    const fresh = await deps.refresh(refresh ?? '')
    const tokens: Tokens = { access: fresh.access_token, refresh: fresh.refresh_token }
    return await storeRefreshed(db, credential, {
      sealed: seal.seal(JSON.stringify(tokens), about),
      access_s: fresh.expires_in,
      refresh_s: fresh.refresh_expires_in,
    })
  } catch (error) {
    if (!(error instanceof AccountGone)) {
      // Its lease ends by itself; it is tried again then.
      log.warn({ error, ...facts }, 'a token could not be refreshed')
      return false
    }
    const lost = await db.transaction((tx) => requireReauth(tx, credential, error.message))
    if (lost)
      log.error({ error, ...facts }, 'an account is not read any more until its owner grants access again')
    return false
  }
}
