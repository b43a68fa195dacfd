import type { Platform } from '../../model/account.ts'
import type { Db, Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** A credential taken to be renewed; `version` is the token of this claim: a slower one is refused. */
export interface ExpiringCredential {
  readonly id: string
  readonly platform: Platform
  readonly account_id: string | null
  readonly sealed: Buffer
  readonly version: string
  /** What it is renewed with ends itself within a week. */
  readonly ending: boolean
  /** It was given to the platform before, with no answer known: it may be spent. */
  readonly unsettled: boolean
  /** It was still valid within the last day; a refusal of an older one says nothing about the app. */
  readonly was_good: boolean
}

/**
 * Looks of ten minutes each, as `maintain` comes: for so long a refusal may be the app's; after that it is the owner's, even if others
 * are refused alike.
 */
const looksOfADay = 144

/**
 * Reserves credentials of accounts whose access token ends soon, and refused ones that are to be tried again. Only one
 * claimer has each, and the row says from now on that it may be spent.
 */
export async function claimExpiring(
  db: Queryable,
  { platform, aheadMinutes }: { readonly platform: Platform; readonly aheadMinutes: number },
  limit: number,
): Promise<ExpiringCredential[]> {
  return db.rows(sql`
    with due as (
      select id, renewing_since is not null as unsettled, status = 'ok' and looks < ${looksOfADay} as was_good
      from credentials
      where platform = ${platform} and account_id is not null
        and not exists (select from accounts a where a.id = account_id and a.status = 'unfollowed') and (lease_until is null or lease_until <= app_now())
        and ((status = 'ok' and access_expires_at <= app_now() + ${aheadMinutes} * interval '1 minute')
          or (status = 'reauth_required' and look_at <= app_now()))
      order by status = 'ok' desc, access_expires_at limit ${limit} for update skip locked
    )
    update credentials c set lease_until = app_now() + interval '5 minutes', version = c.version + 1,
      renewing_since = coalesce(c.renewing_since, app_now())
    from due where c.id = due.id
    returning c.id, c.platform, c.account_id, c.sealed, c.version, due.unsettled, due.was_good,
      coalesce(c.refresh_expires_at, c.access_expires_at) <= app_now() + interval '7 days' as ending`)
}

type Claimed = Pick<ExpiringCredential, 'id' | 'version'>

/** It was not spent: the platform refused without looking at it, or was not asked. It is tried again when its lease ends. */
export async function settleUnspent(db: Queryable, { id, version }: Claimed): Promise<void> {
  await db.rows(sql`update credentials set renewing_since = null where id = ${id} and version = ${version}`)
}

/** Refused together with others, which may be the fault of the app: it stays good, and is tried again when its lease ends. */
export async function noteRefusedAlike(db: Queryable, { id, version }: Claimed): Promise<void> {
  await db.rows(sql`
    update credentials set renewing_since = null, looks = looks + 1 where id = ${id} and version = ${version}`)
}

/** Gives it back unspent, to be taken at once. */
export async function releaseUnspent(
  db: Queryable,
  { id, version }: Claimed,
  wasUnsettled: boolean,
): Promise<void> {
  await db.rows(sql`
    update credentials set lease_until = null, renewing_since = case when ${wasUnsettled}::boolean then renewing_since end
    where id = ${id} and version = ${version}`)
}

export interface RenewedTokens {
  readonly sealed: Buffer
  readonly access_s: number
  readonly refresh_s: number | null
}

/**
 * Stores new tokens in place of those they were exchanged for, even if another call has claimed these meanwhile; its account
 * goes on if
 * it was set aside for the old ones. False when the old ones are no longer there. Locks the account first.
 */
export function storeRenewed(
  db: Db,
  { id }: Pick<ExpiringCredential, 'id'>,
  spent: Buffer,
  { sealed, access_s, refresh_s }: RenewedTokens,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    await tx.rows(sql`
      select from accounts a join credentials c on c.account_id = a.id where c.id = ${id} for no key update of a`)
    const stored = await tx.rows(sql`
      with stored as (
        update credentials c set sealed = ${sealed}, lease_until = null, status = 'ok', status_reason = null, renewed_at = app_now(),
          renewing_since = null, looks = 0, look_at = null, version = c.version + 1,
          access_expires_at = app_now() + ${access_s} * interval '1 second',
          refresh_expires_at = app_now() + ${refresh_s}::float8 * interval '1 second'
        where c.id = ${id} and c.sealed = ${spent} and c.status <> 'revoked' returning c.id, c.account_id
      ), healed as (
        update accounts a set status = 'active', status_reason = null, next_sync_at = app_now()
        from stored where a.id = stored.account_id and a.status = 'reauth_required'
      )
      select id from stored`)
    return stored.length > 0
  })
}

/** Refused for good: tried again all the same, ever more rarely. False when another claimer has it meanwhile. */
export async function markRefused(db: Queryable, { id, version }: Claimed, reason: string): Promise<boolean> {
  const marked = await db.rows(sql`
    update credentials c set status = 'reauth_required', status_reason = ${reason}, lease_until = null, renewing_since = null,
      looks = case c.status when 'ok' then 1 else c.looks + 1 end,
      look_at = app_now() + case case c.status when 'ok' then 0 else c.looks end when 0 then interval '1 day' when 1 then interval '7 days' else interval '30 days' end
    where id = ${id} and version = ${version} returning id`)
  return marked.length > 0
}

/** Tokens that serve many accounts and end within a week; only a person renews them. */
export async function sharedEnding(db: Queryable) {
  return db.rows<{ id: string; platform: Platform; ends_at: Date }>(sql`
    select id, platform, access_expires_at as ends_at from credentials
    where account_id is null and status = 'ok' and access_expires_at <= app_now() + interval '7 days' order by id`)
}
