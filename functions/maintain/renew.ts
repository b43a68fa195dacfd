import pMap from 'p-map'
import { type Seal, sealWith } from '#shared/cloud/seal.ts'
import {
  claimExpiring,
  type ExpiringCredential,
  markRefused,
  noteRefusedAlike,
  releaseUnspent,
  settleUnspent,
  sharedEnding,
} from '#shared/db/operations/renewals.ts'
import type { Db } from '#shared/db/pool.ts'
import { noteFault } from '#shared/db/tables/app-faults.ts'
import { sealedAbout } from '#shared/db/tables/credentials.ts'
import { isTaskDue, markTaskDone } from '#shared/db/tables/maintained.ts'
import { setAside } from '#shared/db/tables/refusals.ts'
import { AccountGone, RetryableError, TerminalError } from '#shared/errors.ts'
import type { Platform } from '#shared/model/account.ts'
import { type FreshTokens, parseTokens, type Spare } from '#shared/model/credential.ts'
import { isConcerted } from '#shared/model/refusal.ts'
import type { Logger } from '#shared/telemetry/logger.ts'
import { storeHeld, storeSurely } from './store-tokens.ts'

export interface RenewDeps {
  readonly db: Db
  readonly log: Logger
  /** The data key of the tokens, 32 bytes. */
  readonly key: Buffer
  readonly spare: Spare
  /** Milliseconds before the first retry to store new tokens; each later one waits longer. */
  readonly patienceMs?: number
}

/** How the tokens of one platform are renewed. */
export interface Renewal {
  readonly platform: Platform
  /** Access tokens that end within so many minutes are renewed. */
  readonly aheadMinutes: number
  /** What to do when the platform refuses the app. */
  readonly appRemedy: string
  /** Exchanges the refresh token, or where there is none the access token itself. */
  renew(token: string, signal: AbortSignal): Promise<FreshTokens>
}

/** Small enough to end within the time of a call, whatever the platform does. */
const batch = 16

interface Refused {
  readonly credential: ExpiringCredential
  readonly error: AccountGone
}

/** What renewing has come to so far. */
interface Round {
  renewed: number
  /** New tokens could not be stored: nothing further is spent. */
  isStopped: boolean
  readonly refused: Refused[]
}

/**
 * Renews tokens that end soon, each once. A refresh token may work only once, so its row is marked before it is used, and if new
 * tokens cannot be stored, no further token is used. One bad token stops no other. Returns how many were renewed.
 */
export async function renewTokens(deps: RenewDeps, renewal: Renewal, signal: AbortSignal): Promise<number> {
  await storeHeld(deps)
  const round: Round = { renewed: 0, isStopped: false, refused: [] }
  try {
    while (!signal.aborted && !round.isStopped) {
      const expiring = await claimExpiring(deps.db, renewal, batch)
      await pMap(
        expiring,
        (credential) => renewOne(deps, (token) => renewal.renew(token, signal), credential, round),
        { concurrency: 4 },
      )
      if (expiring.length < batch) break
    }
  } finally {
    await settleRefused(deps, renewal, round)
  }
  return round.renewed
}

/** Once a day warns of shared tokens that end within a week: only a person can replace them. */
export async function warnOfEnding({ db, log }: Pick<RenewDeps, 'db' | 'log'>): Promise<void> {
  if (!(await isTaskDue(db, 'shared tokens', 20))) return
  for (const { id, platform, ends_at } of await sharedEnding(db))
    log.warn(
      { credential_id: id, ends_at },
      `the shared token of ${platform} ends within a week: store a new one`,
    )
  await markTaskDone(db, 'shared tokens')
}

const factsOf = ({ id, account_id }: ExpiringCredential) => ({ credential_id: id, account_id })

async function renewOne(
  deps: RenewDeps,
  renew: (token: string) => Promise<FreshTokens>,
  credential: ExpiringCredential,
  round: Round,
): Promise<void> {
  const { db, log } = deps
  if (round.isStopped) return orByLease(deps, releaseUnspent(db, credential, credential.unsettled))
  const facts = factsOf(credential)
  if (credential.ending) log.warn(facts, 'access ends for good within a week: its owner must grant it again')
  const seal = sealWith(deps.key)
  const about = sealedAbout(credential.platform, credential.account_id)
  let fresh: FreshTokens
  try {
    fresh = await renew(openToken(seal, credential, about))
  } catch (error) {
    if (error instanceof AccountGone) round.refused.push({ credential, error })
    else log.warn({ error, ...facts }, 'a token could not be renewed; it is tried again when its lease ends')
    const mayBeSpent = error instanceof RetryableError && error.maybeDone
    if (!mayBeSpent && !(error instanceof AccountGone) && !credential.unsettled)
      await orByLease(deps, settleUnspent(db, credential))
    return
  }
  const { access, refresh, access_s, refresh_s } = fresh
  const sealed = seal.seal(JSON.stringify({ access, refresh }), about)
  const isStored = await storeSurely(deps, credential, { sealed, access_s, refresh_s }, () => {
    round.isStopped = true
  })
  if (isStored) round.renewed += 1
}

/**
 * Logs a failed give-back instead of throwing, so that other tokens are still stored; the lease ends by itself.
 */
const orByLease = ({ log }: RenewDeps, giveBack: Promise<void>): Promise<void> =>
  giveBack.catch((error: unknown) => log.warn({ error }, 'a token is free again only when its lease ends'))

/**
 * The token to exchange. No error message ever contains the sealed text, not even when it cannot be parsed.
 */
function openToken(seal: Seal, { sealed }: ExpiringCredential, about: string): string {
  const tokens = parseTokens(seal.open(sealed, about))
  if (!tokens) throw new TerminalError('a credential holds no token', { reason: 'credential' })
  return tokens.refresh ?? tokens.access
}

/** If most refusals are alike, the platform refuses the app. Otherwise the owners must grant access again. */
async function settleRefused(deps: RenewDeps, renewal: Renewal, round: Round): Promise<void> {
  const { refused, renewed } = round
  const { platform, appRemedy: remedy } = renewal
  const isNews = ({ credential }: Refused) => credential.was_good && !credential.unsettled
  const fresh = refused.filter(isNews).length
  if (isConcerted({ fresh, answered: renewed, alike: fresh, others: Number.POSITIVE_INFINITY })) {
    const [first] = refused
    const message = `tokens are refused alike: ${first?.error.message}`
    await noteFault(deps.db, {
      platform,
      access_mode: 'own_oauth',
      code: first?.error.code ?? '',
      message,
      remedy,
    })
    deps.log.error({ platform, tokens: fresh }, `the app is refused: ${remedy}`)
    for (const one of refused)
      await (isNews(one) ? noteRefusedAlike(deps.db, one.credential) : giveUp(deps, one))
    return
  }
  for (const one of refused) await giveUp(deps, one)
}

const lostByUs =
  'its new tokens were lost before they could be stored: its owner, who withdrew nothing, must grant access again'

async function giveUp({ db, log }: RenewDeps, { credential, error }: Refused): Promise<void> {
  const reason = credential.unsettled ? lostByUs : error.message
  if (!(await markRefused(db, credential, reason))) return
  log.error(
    { error, ...factsOf(credential), lost_by_us: credential.unsettled },
    'an account is not read any more until its owner grants access again',
  )
  const { platform, account_id } = credential
  if (account_id === null) return
  await setAside(db, { platform, access_mode: 'own_oauth' }, [
    { account_id, status: 'reauth_required', reason },
  ])
}
