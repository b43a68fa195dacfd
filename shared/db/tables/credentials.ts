import type { Platform } from '../../model/account.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'
import { atRest } from './at-rest.ts'
import { wakeTasks } from './sync-tasks.ts'

export interface NewCredential {
  readonly platform: Platform
  /** null: it serves many accounts. */
  readonly account_id: string | null
  readonly sealed: Buffer
  /** Seconds that they live from now. null: they do not end, or there is none. */
  readonly access_s: number | null
  readonly refresh_s: number | null
  readonly scopes: readonly string[]
  /** How the platform names the owner towards our app; absent: as was known before. */
  readonly app_user_id?: string | null
}

/**
 * Replaces the tokens of an account after a new consent; the account can then be read again. What is sealed is bound to platform
 * and account (`sealedAbout`).
 */
export async function storeCredential(tx: Queryable, credential: NewCredential): Promise<void> {
  const { platform, account_id, sealed, access_s, refresh_s, scopes, app_user_id = null } = credential
  await tx.rows(sql`
    update accounts set status = 'active', status_reason = null, next_sync_at = app_now()
    where id = ${account_id} and status = 'reauth_required'`)
  await tx.rows(sql`delete from refusals where account_id = ${account_id} and status = 'reauth_required'`)
  const [before] = await tx.rows<{ app_user_id: string | null }>(sql`
    select app_user_id from credentials
    where platform = ${platform} and account_id is not distinct from ${account_id}::bigint limit 1`)
  await tx.rows(sql`
    delete from credentials where platform = ${platform} and account_id is not distinct from ${account_id}::bigint`)
  await tx.rows(sql`
    insert into credentials (platform, account_id, sealed, access_expires_at, refresh_expires_at, scopes, app_user_id)
    values (${platform}, ${account_id}, ${sealed}, app_now() + ${access_s}::float8 * interval '1 second',
      app_now() + ${refresh_s}::float8 * interval '1 second', ${[...scopes]}::text[], ${app_user_id ?? before?.app_user_id ?? null})`)
}

/** Tasks that waited for these tokens are due at once. Locks tasks alone, in id order. */
export async function retryReading(
  tx: Queryable,
  platform: Platform,
  accountId: string | null,
): Promise<void> {
  await wakeTasks(
    tx,
    sql`
      select t.id from sync_tasks t join accounts a on a.id = t.account_id
      where t.status = 'waiting' and t.reason in ('token', 'config') and t.platform = ${platform}
        and case when ${accountId}::bigint is null then a.access_mode <> 'own_oauth' else a.id = ${accountId}::bigint end`,
  )
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

/** Accounts of an owner, as a platform names them towards our app; where that was not kept, by their ids. */
export async function ownersOf(db: Queryable, platform: Platform, appUserId: string): Promise<string[]> {
  const rows = await db.rows<{ account_id: string }>(sql`
    select c.account_id from credentials c join accounts a on a.id = c.account_id
    where c.platform = ${platform} and (c.app_user_id = ${appUserId} or a.native_id = ${appUserId}) order by c.account_id`)
  return rows.map((row) => row.account_id)
}

/**
 * The owner of an account took the consent back at that time: its tokens are used no more. false: the owner has consented since. null:
 * it is not said when.
 */
export async function withdrawConsent(
  tx: Queryable,
  accountId: string,
  { reason, at }: { readonly reason: string; readonly at: Date | null },
): Promise<boolean> {
  await tx.rows(sql`select from accounts where id = ${accountId} for no key update`)
  const withdrawn = await tx.rows(sql`
    update credentials set status = 'revoked', status_reason = ${reason}
    where account_id = ${accountId} and (${at}::timestamptz is null or created_at <= ${at}::timestamptz) returning id`)
  if (withdrawn.length === 0) return false
  await tx.rows(sql`
    update accounts set status = 'reauth_required', status_reason = ${reason}
    where id = ${accountId} and status not in ${atRest}`)
  return true
}
