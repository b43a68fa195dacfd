import type { Platform } from '../model/account.ts'
import type { Queryable } from './pool.ts'
import { sql } from './sql.ts'

export interface NewCredential {
  readonly platform: Platform
  /** null: it serves many accounts. */
  readonly account_id: string | null
  readonly sealed: Buffer
  /** Seconds that they live from now. null: they do not end, or there is none. */
  readonly access_s: number | null
  readonly refresh_s: number | null
  readonly scopes: readonly string[]
}

/** Stores tokens of a new consent in place of those the account had, which can be read again from then on. What is sealed is bound to platform and account (`sealedAbout`). */
export async function storeCredential(tx: Queryable, credential: NewCredential): Promise<void> {
  const { platform, account_id, sealed, access_s, refresh_s, scopes } = credential
  await tx.rows(sql`
    update accounts set status = 'active', status_reason = null, next_sync_at = app_now()
    where id = ${account_id} and status = 'reauth_required'`)
  await tx.rows(sql`delete from refusals where account_id = ${account_id} and status = 'reauth_required'`)
  await tx.rows(sql`
    delete from credentials where platform = ${platform} and account_id is not distinct from ${account_id}::bigint`)
  await tx.rows(sql`
    insert into credentials (platform, account_id, sealed, access_expires_at, refresh_expires_at, scopes)
    values (${platform}, ${account_id}, ${sealed}, app_now() + ${access_s}::float8 * interval '1 second',
      app_now() + ${refresh_s}::float8 * interval '1 second', ${[...scopes]}::text[])`)
}

/** What a credential's tokens are bound to when they are sealed. */
export const sealedAbout = (platform: Platform, accountId: string | null) =>
  `${platform} ${accountId ?? 'shared'}`

export interface HeldCredential {
  /** The account asked about. */
  readonly for_account: string
  /** The account it belongs to. null: it serves many. */
  readonly account_id: string | null
  readonly platform: Platform
  readonly status: 'ok' | 'reauth_required' | 'revoked'
  readonly sealed: Buffer
  readonly expired: boolean
}

/**
 * The credential of each account: where its owner lets us in the owner's, else the one that serves many. Accounts
 * without any are left out.
 */
export async function credentialsOf(db: Queryable, accountIds: readonly string[]): Promise<HeldCredential[]> {
  if (accountIds.length === 0) return []
  return db.rows(sql`
    select distinct on (a.id) a.id as for_account, c.account_id, c.platform, c.status, c.sealed,
      c.access_expires_at <= app_now() as expired
    from accounts a
    join credentials c on c.platform = a.platform
      and case when a.access_mode = 'own_oauth' then c.account_id = a.id else c.account_id is null end
    where a.id = any(${[...accountIds]}::bigint[])
    order by a.id, c.id desc`)
}

/** A credential taken to be refreshed; `version` is the token of this claim: a slower refresher is refused. */
export interface ExpiringCredential {
  readonly id: string
  readonly platform: Platform
  readonly account_id: string | null
  readonly sealed: Buffer
  readonly version: string
  /** What it is renewed with ends itself within a week. */
  readonly ending: boolean
}

/** Leases credentials of accounts whose access token ends soon; only one refresher has each. */
export async function claimExpiring(
  db: Queryable,
  { platform, aheadMinutes }: { readonly platform: Platform; readonly aheadMinutes: number },
  limit: number,
): Promise<ExpiringCredential[]> {
  return db.rows(sql`
    with due as (
      select id from credentials
      where platform = ${platform} and status = 'ok' and account_id is not null
        and access_expires_at <= app_now() + ${aheadMinutes} * interval '1 minute'
        and (lease_until is null or lease_until <= app_now())
      order by access_expires_at limit ${limit} for update skip locked
    )
    update credentials c set lease_until = app_now() + interval '5 minutes', version = c.version + 1
    from due where c.id = due.id
    returning c.id, c.platform, c.account_id, c.sealed, c.version,
      coalesce(c.refresh_expires_at, c.access_expires_at) <= app_now() + interval '7 days' as ending`)
}

/** Tokens that serve many accounts and end within a week; nobody renews them but a person. */
export async function sharedEnding(db: Queryable) {
  return db.rows<{ id: string; platform: Platform; ends_at: Date }>(sql`
    select id, platform, access_expires_at as ends_at from credentials
    where account_id is null and status = 'ok' and access_expires_at <= app_now() + interval '7 days' order by id`)
}

export interface RefreshedTokens {
  readonly sealed: Buffer
  readonly access_s: number
  readonly refresh_s: number | null
}

/** Stores new tokens in place of the old ones; false when another refresher was faster. */
export async function storeRefreshed(
  db: Queryable,
  { id, version }: Pick<ExpiringCredential, 'id' | 'version'>,
  { sealed, access_s, refresh_s }: RefreshedTokens,
): Promise<boolean> {
  const stored = await db.rows(sql`
    update credentials set sealed = ${sealed}, lease_until = null, status = 'ok', status_reason = null,
      access_expires_at = app_now() + ${access_s} * interval '1 second',
      refresh_expires_at = app_now() + ${refresh_s}::float8 * interval '1 second'
    where id = ${id} and version = ${version} returning id`)
  return stored.length > 0
}

/**
 * The refresh token is refused: its owner must grant access again. False when the tokens were changed by another
 * refresher meanwhile, which is why this one was refused.
 */
export async function requireReauth(
  tx: Queryable,
  { id, version, account_id }: Pick<ExpiringCredential, 'id' | 'version' | 'account_id'>,
  reason: string,
): Promise<boolean> {
  await tx.rows(sql`select from accounts where id = ${account_id} for no key update`)
  const marked = await tx.rows(sql`
    update credentials set status = 'reauth_required', status_reason = ${reason}, lease_until = null
    where id = ${id} and version = ${version} returning id`)
  if (marked.length === 0) return false
  await tx.rows(sql`
    update accounts set status = 'reauth_required', status_reason = ${reason}
    where id = ${account_id} and status in ('active', 'missing')`)
  return true
}
