import type { AccessMode, Platform } from '../../model/account.ts'
import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { isReached, type Reach } from '../reach.ts'
import { sql } from '../sql.ts'

/** An account with for whom it is followed, held for the rest of the transaction. */
export interface HeldAccount {
  readonly id: string
  readonly platform: Platform
  readonly handle: string | null
  readonly native_id: string | null
  readonly status: string
  readonly access_mode: AccessMode
  readonly client_id: string | null
  readonly brand_id: string | null
  readonly is_reached: boolean
}

/** Locks accounts, in the order of their numbers, and says which are within reach; erased ones are left out. */
export async function holdOwned(
  tx: Queryable,
  ids: readonly string[],
  reach: Reach,
): Promise<Map<string, HeldAccount>> {
  const rows = await tx.rows<HeldAccount>(sql`
    select a.id, a.platform, a.handle, a.native_id, a.status, a.access_mode, a.client_id, a.brand_id,
      coalesce(${isReached(reach, sql`a`)}, false) as is_reached
    from accounts a where a.id = any(${[...ids]}::bigint[]) and a.status <> 'erased' order by a.id for no key update`)
  return new Map(rows.map((account) => [account.id, account]))
}

/** How an account is followed from now on; null leaves what it has. */
export interface Following {
  readonly id: string
  /** Of one that was known from files alone. */
  readonly access_mode: AccessMode | null
  readonly client_id: string | null
  readonly brand_id: string | null
  /** Added to those that it has. */
  readonly tags: string[]
}
const following = columns<Following>({
  id: 'bigint',
  access_mode: 'text',
  client_id: 'bigint',
  brand_id: 'bigint',
  tags: 'text[]',
})

/**
 * Follows accounts that are on record: those unfollowed go on where they were, those known from files alone are asked about. The
 * caller holds them. An account whose owner must consent again waits for that.
 */
export async function goOnFollowing(tx: Queryable, accounts: readonly Following[]): Promise<void> {
  if (accounts.length === 0) return
  await tx.rows(sql`
    update accounts a set
      access_mode = case when a.access_mode = 'import' then coalesce(r.access_mode, a.access_mode) else a.access_mode end,
      client_id = coalesce(a.client_id, r.client_id), brand_id = coalesce(a.brand_id, r.brand_id),
      tags = array(select distinct tag from unnest(a.tags || r.tags) tag order by tag),
      next_sync_at = case when a.status = 'unfollowed' or (a.access_mode = 'import' and r.access_mode is not null) then app_now() else a.next_sync_at end,
      failures = case when a.status = 'unfollowed' then 0 else a.failures end,
      status_reason = case when a.status <> 'unfollowed' then a.status_reason end,
      status = case when a.status <> 'unfollowed' then a.status
        when exists (select from credentials c where c.account_id = a.id and c.status <> 'ok') then 'reauth_required' else 'active' end
    from ${following.rows(accounts)}
    where a.id = r.id and (a.status = 'unfollowed' or (a.access_mode = 'import' and r.access_mode is not null)
      or (a.client_id is null and r.client_id is not null) or (a.brand_id is null and r.brand_id is not null)
      or not a.tags @> r.tags)`)
}
