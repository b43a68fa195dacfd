import { createHash, randomBytes } from 'node:crypto'
import { sealWith } from '#shared/cloud/seal.ts'
import { type ConsentAsked, openConsent } from '#shared/db/tables/consents.ts'
import { Problem } from '#shared/http/problem.ts'
import type { Platform } from '#shared/model/account.ts'
import type { Consent } from '#shared/platforms/consent.ts'
import { platformOf } from '#shared/platforms/index.ts'
import type { CallContext } from '../routes/route.ts'

/** What is kept of a secret that comes back. */
export const hashOfSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** What a verifier is bound to when it is sealed. */
export const verifierAbout = (stateHash: string) => `consent ${stateHash}`

/** Where owners of a platform come back to; registered there to the letter. */
export const redirectOf = (origin: string, platform: Platform) => `${origin}/v1/connect/${platform}/callback`

export interface ConsentReady {
  readonly consent: Consent
  readonly dataKey: Buffer
}

/** The app that owners grant access to. Throws a Problem 503 where its settings, or the data key, are missing. */
export async function consentOf(context: CallContext, platform: Platform): Promise<ConsentReady> {
  const consent = context.consentOf(platform)
  if (consent && context.dataKey) return { consent, dataKey: await context.dataKey() }
  const what = consent ? 'there is no data key' : `no app of ${platformOf(platform).title} is set up`
  throw new Problem(503, 'not_configured', `${what}: docs/CONNECT.md says how`)
}

/** The address of the platform's window, where an owner is asked for access; it is good for ten minutes, and once. */
export async function beginConsent(
  context: CallContext,
  origin: string,
  asked: Omit<ConsentAsked, 'redirect'>,
): Promise<string> {
  const { consent, dataKey } = await consentOf(context, asked.platform)
  const redirect = redirectOf(origin, asked.platform)
  const state = randomBytes(16).toString('base64url')
  const verifier = randomBytes(48).toString('base64url')
  const state_hash = hashOfSecret(state)
  const sealed_verifier = sealWith(dataKey).seal(verifier, verifierAbout(state_hash))
  await openConsent(context.db, { ...asked, redirect }, { state_hash, sealed_verifier })
  return consent.window({ redirect, state, verifier })
}
