import type { Platform } from '../../model/account.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** What an owner is asked for, and by whom. */
export interface ConsentAsked {
  readonly platform: Platform
  readonly link_id: string | null
  readonly client_id: string | null
  /** The account that is to be connected again. null: whichever the owner chooses. */
  readonly account_id: string | null
  readonly asked_by: string
  readonly redirect: string
}

/** How it ended, as a code, and what the page says of it. */
export interface ConsentEnd {
  readonly outcome: string
  readonly details: object
}

/** So long the owner may take at the platform. */
const minutes = 10

/** Remembers a window that an owner is sent to, by the hash of its state. */
export async function openConsent(
  db: Queryable,
  asked: ConsentAsked,
  secrets: { readonly state_hash: string; readonly sealed_verifier: Buffer },
): Promise<void> {
  const { platform, link_id, client_id, account_id, asked_by, redirect } = asked
  await db.rows(sql`
    insert into consents (state_hash, platform, link_id, client_id, account_id, asked_by, redirect, sealed_verifier, expires_at)
    values (${secrets.state_hash}, ${platform}, ${link_id}, ${client_id}, ${account_id}, ${asked_by}, ${redirect},
      ${secrets.sealed_verifier}, app_now() + ${minutes} * interval '1 minute')`)
}

/** Takes what an owner came back from, once: of two that come at the same time one has it. undefined: it is not to be had. */
export async function takeConsent(
  db: Queryable,
  platform: Platform,
  stateHash: string,
): Promise<(ConsentAsked & { readonly sealed_verifier: Buffer }) | undefined> {
  const [taken] = await db.rows<ConsentAsked & { sealed_verifier: Buffer }>(sql`
    update consents set used_at = app_now()
    where state_hash = ${stateHash} and platform = ${platform} and used_at is null and expires_at > app_now()
    returning platform, link_id, client_id, account_id, asked_by, redirect, sealed_verifier`)
  return taken
}

/** How one ended that had been taken. null: it has not ended; undefined: there is none, or its time was over. */
export async function endOfConsent(
  db: Queryable,
  platform: Platform,
  stateHash: string,
): Promise<ConsentEnd | null | undefined> {
  const [found] = await db.rows<{ outcome: string | null; details: string }>(sql`
    select outcome, details::text as details from consents
    where state_hash = ${stateHash} and platform = ${platform} and used_at is not null`)
  if (!found) return undefined
  return found.outcome === null ? null : { outcome: found.outcome, details: JSON.parse(found.details) }
}

export async function endConsent(tx: Queryable, stateHash: string, end: ConsentEnd): Promise<void> {
  await tx.rows(sql`
    update consents set outcome = ${end.outcome}, details = ${JSON.stringify(end.details)}::jsonb
    where state_hash = ${stateHash}`)
}

/** Deletes what is older than 30 days: how a link went is of no use then. Returns how many. */
export async function purgeConsents(db: Queryable): Promise<number> {
  const gone = await db.rows(sql`
    delete from consents where created_at < app_now() - interval '30 days' returning state_hash`)
  return gone.length
}
