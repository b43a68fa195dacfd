import pMap from 'p-map'
import { sealWith } from '#shared/cloud/seal.ts'
import {
  claimExpiring,
  type ExpiringCredential,
  type RefreshedTokens,
  requireReauth,
  sealedAbout,
  sharedEnding,
  storeRefreshed,
} from '#shared/db/credentials.ts'
import { isTaskDue, markTaskDone } from '#shared/db/maintained.ts'
import type { Db } from '#shared/db/pool.ts'
import { AccountGone, TerminalError } from '#shared/errors.ts'
import type { Platform } from '#shared/model/account.ts'
import { type FreshTokens, parseTokens } from '#shared/model/credential.ts'
import type { Logger } from '#shared/telemetry/logger.ts'

export interface RefreshDeps {
  readonly db: Db
  readonly log: Logger
  /** The data key of the tokens, 32 bytes. */
  readonly key: Buffer
}

/** How the tokens of one platform are renewed. */
export interface Renewal {
  readonly platform: Platform
  /** Access tokens that end within so many minutes are renewed. */
  readonly aheadMinutes: number
  /** Exchanges the refresh token, or where there is none the access token itself. */
  renew(token: string): Promise<FreshTokens>
}

/** Small enough to end within the time of a call, whatever the platform does. */
const batch = 16

/**
 * Refreshes tokens that end soon, each once: a refresh token may work a single time, so each is leased to one
 * refresher and the new pair is stored before anybody uses it. One bad token stops no other. Returns how many were
 * refreshed.
 */
export async function refreshTokens(
  deps: RefreshDeps,
  renewal: Renewal,
  timeLeft: () => boolean,
): Promise<number> {
  let refreshed = 0
  while (timeLeft()) {
    const expiring = await claimExpiring(deps.db, renewal, batch)
    const done = await pMap(expiring, (credential) => refreshOne(deps, renewal, credential), {
      concurrency: 4,
    })
    refreshed += done.filter(Boolean).length
    if (expiring.length < batch) break
  }
  return refreshed
}

/** Once a day tells of shared tokens that end within a week: only a person can replace them. */
export async function warnOfEnding({ db, log }: Pick<RefreshDeps, 'db' | 'log'>): Promise<void> {
  if (!(await isTaskDue(db, 'shared tokens', 20))) return
  for (const { id, platform, ends_at } of await sharedEnding(db))
    log.warn(
      { credential_id: id, ends_at },
      `the shared token of ${platform} ends within a week: store a new one`,
    )
  await markTaskDone(db, 'shared tokens')
}

async function refreshOne(
  deps: RefreshDeps,
  renewal: Renewal,
  credential: ExpiringCredential,
): Promise<boolean> {
  const { db, log } = deps
  const seal = sealWith(deps.key)
  const about = sealedAbout(credential.platform, credential.account_id)
  const facts = { credential_id: credential.id, account_id: credential.account_id }
  if (credential.ending) log.warn(facts, 'access ends for good within a week: its owner must grant it again')
  try {
    const { access, refresh, access_s, refresh_s } = await renewal.renew(
      openToken(seal.open(credential.sealed, about)),
    )
    const sealed = seal.seal(JSON.stringify({ access, refresh }), about)
    return await storeSurely(deps, credential, { sealed, access_s, refresh_s })
  } catch (error) {
    if (!(error instanceof AccountGone)) {
      log.warn({ error, ...facts }, 'a token could not be refreshed; it is tried again when its lease ends')
      return false
    }
    const lost = await db.transaction((tx) => requireReauth(tx, credential, error.message))
    if (lost)
      log.error({ error, ...facts }, 'an account is not read any more until its owner grants access again')
    return false
  }
}

/** What is sealed is never part of a message, also when it is not what it should be. */
function openToken(text: string): string {
  const tokens = parseTokens(text)
  if (!tokens) throw new TerminalError('a credential holds no token', { reason: 'credential' })
  return tokens.refresh ?? tokens.access
}

const storeTries = 5

/** The old refresh token is dead by now: the new pair must not be lost to a moment without database. */
async function storeSurely(
  { db, log }: RefreshDeps,
  credential: ExpiringCredential,
  tokens: RefreshedTokens,
): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await storeRefreshed(db, credential, tokens)
    } catch (error) {
      if (tries < storeTries) continue
      log.error({ error, credential_id: credential.id }, 'new tokens could not be stored and are lost')
      throw error
    }
  }
}
