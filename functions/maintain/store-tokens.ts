import pRetry from 'p-retry'
import * as z from 'zod'
import { type ExpiringCredential, type RenewedTokens, storeRenewed } from '#shared/db/operations/renewals.ts'
import { jsonOf } from '#shared/model/json.ts'
import type { RenewDeps } from './renew.ts'

/** About a minute and a half: longer than a managed database takes to change over. */
const tries = { retries: 13, factor: 2, minTimeout: 500, maxTimeout: 10_000 }

/**
 * The old refresh token is dead by now: the new pair must not be lost to a database that is away. It is tried beyond the
 * time of a fail-over, and then held sealed by the instance, whose next call stores it. False when another one was stored
 * meanwhile, or it is held.
 * @param onTrouble called when it is not stored at once
 */
export async function storeSurely(
  { db, log, spare, patienceMs = tries.minTimeout }: RenewDeps,
  credential: ExpiringCredential,
  tokens: RenewedTokens,
  onTrouble: () => void,
): Promise<boolean> {
  const spent = credential.sealed
  try {
    return await pRetry(() => storeRenewed(db, credential, spent, tokens), {
      ...tries,
      minTimeout: patienceMs,
      maxTimeout: patienceMs * 20,
      onFailedAttempt: () => {
        onTrouble()
        hold(spare, credential, tokens)
      },
    }).then((stored) => {
      spare.remove(credential.id)
      return stored
    })
  } catch (error) {
    log.error(
      { error, credential_id: credential.id },
      'new tokens could not be stored: this instance holds them sealed and stores them with its next call',
    )
    return false
  }
}

const Held = z.object({
  id: z.string(),
  spent: z.base64().transform((text) => Buffer.from(text, 'base64')),
  sealed: z.base64().transform((text) => Buffer.from(text, 'base64')),
  refresh_s: z.number().nullable(),
})

function hold(spare: RenewDeps['spare'], credential: ExpiringCredential, tokens: RenewedTokens): void {
  const { id, sealed: spent } = credential
  const { sealed, refresh_s } = tokens
  const text = { id, spent: spent.toString('base64'), sealed: sealed.toString('base64'), refresh_s }
  spare.put(id, JSON.stringify(text))
}

/** Stores what an earlier call of this instance could not; their access tokens count as ended, since their age is not known. */
export async function storeHeld({ db, log, spare }: Pick<RenewDeps, 'db' | 'log' | 'spare'>): Promise<void> {
  for (const { name, text } of spare.all()) {
    const held = Held.safeParse(jsonOf(text)).data
    const isStored =
      held !== undefined && (await storeRenewed(db, held, held.spent, { ...held, access_s: 0 }))
    spare.remove(name)
    log.warn(
      { credential_id: name, stored: isStored },
      isStored
        ? 'tokens that this instance held are stored'
        : 'what this instance held is of no use any more',
    )
  }
}
