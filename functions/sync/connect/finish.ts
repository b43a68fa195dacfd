import * as z from 'zod'
import { sealWith } from '#shared/cloud/seal.ts'
import {
  type ConsentAsked,
  type ConsentEnd,
  endConsent,
  endOfConsent,
  takeConsent,
} from '#shared/db/tables/consents.ts'
import type { Platform } from '#shared/model/account.ts'
import { type Consent, ConsentRefused, type Granted } from '#shared/platforms/consent.ts'
import { pause } from '#shared/within.ts'
import { hashHandleOf, startReading } from '../call-context.ts'
import type { CallContext } from '../routes/route.ts'
import { consentOf, hashOfSecret, verifierAbout } from './begin.ts'
import { keepGrant } from './keep.ts'

/** What an owner comes back with; what else a platform adds is left alone. */
const Came = z.object({
  state: z.string().max(200).default(''),
  code: z.string().max(4_000).optional(),
  error: z.string().max(200).optional(),
})

const lookMs = 300
const mostLooks = 20

/**
 * Ends a consent: the code is exchanged, the tokens are stored, the account is followed and read. Each state counts once; a browser
 * that comes twice is shown the same end. Neither code nor tokens reach a log or the page.
 */
export async function finishConsent(
  context: CallContext,
  platform: Platform,
  query: Readonly<Record<string, string>>,
): Promise<ConsentEnd> {
  const came = Came.safeParse(query).data
  if (!came?.state) return { outcome: 'expired', details: {} }
  const stateHash = hashOfSecret(came.state)
  const taken = await takeConsent(context.db, platform, stateHash)
  if (!taken)
    return (await endOfOther(context, platform, stateHash)) ?? { outcome: 'unfinished', details: {} }
  const end = await endOf(context, taken, stateHash, came)
  if (end.isKept) return end
  const ended = { outcome: end.outcome, details: { ...end.details, is_ours: taken.link_id === null } }
  await endConsent(context.db, stateHash, ended)
  return ended
}

/** How it ended for the one that came first; it is waited for. null: it did not end. */
async function endOfOther({ db, signal }: CallContext, platform: Platform, stateHash: string) {
  for (let look = 0; look < mostLooks && !signal.aborted; look += 1) {
    const end = await endOfConsent(db, platform, stateHash)
    if (end === undefined) return { outcome: 'expired', details: {} }
    if (end !== null) return end
    await pause(lookMs, signal)
  }
  return null
}

type Taken = ConsentAsked & { readonly sealed_verifier: Buffer }
/** isKept: it was noted in the transaction that stored the tokens. */
type Ended = ConsentEnd & { readonly isKept?: true }

async function endOf(
  context: CallContext,
  taken: Taken,
  stateHash: string,
  { code, error }: z.infer<typeof Came>,
): Promise<Ended> {
  const { platform, redirect } = taken
  if (code === undefined || error !== undefined)
    return { outcome: error === undefined || error === 'access_denied' ? 'refused' : 'failed', details: {} }
  try {
    const { consent, dataKey } = await consentOf(context, platform)
    const verifier = sealWith(dataKey).open(taken.sealed_verifier, verifierAbout(stateHash))
    const granted = await consent.exchange({ code, redirect, verifier }, context.signal)
    const lacking = lackingOf(consent, granted)
    if (lacking.some(({ isNeeded }) => isNeeded)) return { outcome: 'lacking', details: { lacking } }
    const keeping = { dataKey, hashHandle: await hashHandleOf(context), stateHash, lacking }
    const end = await keepGrant(context.db, taken, granted, keeping)
    if (end.outcome === 'connected') await startReading(context, platform)
    return { ...end, isKept: true }
  } catch (refused) {
    if (!(refused instanceof ConsentRefused)) {
      context.log.error({ error: refused }, 'a consent could not be stored')
      return { outcome: 'failed', details: {} }
    }
    context.log.warn({ platform, fault: refused.fault, message: refused.message }, 'a consent gave no token')
    return { outcome: refused.fault, details: refused.fault === 'redirect' ? { redirect } : {} }
  }
}

/** Rights that were asked for and not granted; a platform that names none has granted all. */
function lackingOf({ scopes }: Consent, { scopes: granted }: Granted) {
  if (granted.length === 0) return []
  return scopes.filter(({ name }) => !granted.includes(name))
}
