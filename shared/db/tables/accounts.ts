import { type AccessMode, foldHandle, type Platform } from '../../model/account.ts'
import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { isReached, type Reach } from '../reach.ts'
import { sql } from '../sql.ts'
import { atRest } from './at-rest.ts'
import { untilNextLook } from './refusals.ts'

export interface NewAccount {
  readonly platform: Platform
  readonly handle: string | null
  readonly native_id: string | null
  readonly access_mode: AccessMode
  /** For whom; absent: for no client. */
  readonly client_id?: string | null
}

/** With its handle as it is compared. */
const folded = <Row extends { readonly handle: string | null }>(row: Row) => ({
  ...row,
  handle_norm: row.handle === null ? null : foldHandle(row.handle),
})
type Folded<Row> = Row & { readonly handle_norm: string | null }

const newAccount = columns<Folded<NewAccount>>({
  platform: 'text',
  handle: 'text',
  handle_norm: 'text',
  native_id: 'text',
  access_mode: 'text',
  client_id: 'bigint',
})

/** Follows accounts; those followed already stay as they are. In order of their key. */
export async function followAccounts(db: Queryable, accounts: readonly NewAccount[]): Promise<void> {
  await db.rows(sql`
    insert into accounts (${newAccount.list}) select ${newAccount.of('r')} from ${newAccount.rows(accounts.map(folded))}
    where not exists (
      select from accounts a
      where a.platform = r.platform
        and (a.native_id = r.native_id
          or ((r.native_id is null or a.native_id is null) and a.handle_norm = r.handle_norm))
    )
    order by r.platform, r.native_id, r.handle_norm
    on conflict do nothing`)
}

/** Its owner has granted access: the account is read by the owner's token from now on, and is due at once. */
export async function allowOwner(tx: Queryable, id: string): Promise<void> {
  await tx.rows(sql`
    update accounts set access_mode = 'own_oauth', next_sync_at = app_now(),
      status = case when status in ('unsupported', 'unfollowed') then 'active' else status end,
      status_reason = case when status in ('unsupported', 'unfollowed') then null else status_reason end
    where id = ${id} and status <> 'erased'`)
}

/** The account of a handle or native id; of several that had the handle, the one followed last. */
export async function accountOfHandle(db: Queryable, platform: Platform, handle: string) {
  const [found] = await db.rows<{ id: string; status: string; access_mode: AccessMode }>(sql`
    select id, status, access_mode from accounts
    where platform = ${platform} and (handle_norm = ${foldHandle(handle)} or native_id = ${handle}) and status <> 'erased'
    order by native_id is null, id desc limit 1`)
  return found
}

/** Accounts of these numbers; one that is not there, out of reach or erased is left out. */
export async function accountsNumbered(db: Queryable, ids: readonly string[], reach: Reach) {
  if (ids.length === 0) return new Map<string, never>()
  const rows = await db.rows<{ id: string; status: string; access_mode: AccessMode }>(sql`
    select a.id, a.status, a.access_mode from accounts a
    where a.id = any(${[...ids]}::bigint[]) and a.status <> 'erased' and ${isReached(reach, sql`a`)}`)
  return new Map(rows.map((account) => [account.id, account]))
}

const placedName = columns<
  Pick<Folded<NewAccount>, 'platform' | 'handle_norm' | 'native_id'> & { readonly place: number }
>({
  place: 'int',
  platform: 'text',
  handle_norm: 'text',
  native_id: 'text',
})

/** Accounts by their ids, else by their handles, which may have been followed before an id was known; by their places. */
export async function accountsOfNames(
  db: Queryable,
  names: readonly Pick<NewAccount, 'platform' | 'handle' | 'native_id'>[],
): Promise<Map<number, string>> {
  const given = names.map((name, place) => ({ ...folded(name), place }))
  const rows = await db.rows<{ place: number; id: string | null }>(sql`
    select r.place, coalesce(
      (select a.id from accounts a where a.platform = r.platform and a.native_id = r.native_id),
      (select a.id from accounts a where a.platform = r.platform and a.handle_norm = r.handle_norm
        order by a.native_id is null, a.id desc limit 1)) as id
    from ${placedName.rows(given)}`)
  return new Map(rows.flatMap(({ place, id }) => (id === null ? [] : [[place, id]])))
}

/** The account of a name, and rows that may be the same account: the same handle without an id. */
export async function accountsOfName(db: Queryable, platform: Platform, name: string) {
  return db.rows<{ id: string; handle: string | null; native_id: string | null }>(sql`
    with named as (
      select id, handle, handle_norm, native_id from accounts
      where platform = ${platform} and (handle_norm = ${foldHandle(name)} or native_id = ${name}) and status <> 'erased'
      order by native_id is null, id desc limit 1
    )
    select id, handle, native_id from named
    union all
    select a.id, a.handle, a.native_id from accounts a join named n on n.id <> a.id
    where a.platform = ${platform} and a.native_id is null and a.handle_norm = n.handle_norm and a.status <> 'erased'`)
}

/** Of these names, folded, those that are handles of accounts we follow, with the account followed last. */
export async function watchedHandles(
  db: Queryable,
  platform: Platform,
  names: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db.rows<{ name: string; id: string }>(sql`
    select handle_norm as name, max(id) as id from accounts
    where platform = ${platform} and handle_norm = any(${[...names]}::text[]) and status <> 'erased' group by 1`)
  return new Map(rows.map(({ name, id }) => [name, id]))
}

/**
 * Locks accounts against erasure for the rest of the transaction, first of all locks (in the order accounts, sync_tasks,
 * raw_pages, ...). Returns those that may be written for.
 */
export async function holdAccounts(tx: Queryable, ids: readonly string[]): Promise<Set<string>> {
  const held = await tx.rows<{ id: string; status: string }>(sql`
    select id, status from accounts where id = any(${[...new Set(ids)]}::bigint[]) order by id for key share`)
  return new Set(held.flatMap((account) => (account.status === 'erased' ? [] : [account.id])))
}

export interface AccountSeen {
  readonly id: string
  readonly native_id: string
  readonly handle: string | null
  readonly observed_at: Date
}

const accountSeen = columns<Folded<AccountSeen>>({
  id: 'bigint',
  native_id: 'text',
  handle: 'text',
  handle_norm: 'text',
  observed_at: 'timestamptz',
})

/**
 * Writes identity from profiles that were just seen; one that was missing is there again. An older answer than the profile
 * on record changes nothing; an id that belongs to another account we follow is left there and the twin marked.
 */
export async function markSeen(tx: Queryable, seen: readonly AccountSeen[]): Promise<void> {
  if (seen.length === 0) return
  await tx.rows(sql`
    with seen as (
      select r.*, exists (
        select from accounts o join accounts a on a.id = r.id
        where o.platform = a.platform and o.native_id = r.native_id and o.id <> r.id
      ) as twin
      from ${accountSeen.rows(seen.map(folded))}
    )
    update accounts a set
      native_id = case when s.twin then a.native_id else s.native_id end,
      handle = coalesce(s.handle, a.handle),
      handle_norm = coalesce(s.handle_norm, a.handle_norm),
      status = case when a.status in ${atRest} then a.status when s.twin then 'unsupported' when a.status = 'missing' then 'active' else a.status end,
      status_reason = case when a.status in ${atRest} then a.status_reason when s.twin then 'the same account is followed already' when a.status not in ('missing', 'active') then a.status_reason end,
      next_sync_at = case when s.twin then app_now() + interval '30 days' else a.next_sync_at end
    from seen s
    where a.id = s.id and a.status <> 'erased'
      and not exists (select from profiles p where p.account_id = a.id and p.observed_at > s.observed_at)
      and (a.native_id is distinct from s.native_id or a.handle is distinct from coalesce(s.handle, a.handle)
           or a.handle_norm is distinct from coalesce(s.handle_norm, a.handle_norm)
           or a.status = 'missing')`)
}

type AccountMissed = Pick<AccountSeen, 'id' | 'observed_at'>
const accountMissed = columns<AccountMissed>({ id: 'bigint', observed_at: 'timestamptz' })

/** Marks accounts that the platform does not find; one seen later than that answer stays as it is. */
export async function markMissing(tx: Queryable, missing: readonly AccountMissed[]): Promise<void> {
  if (missing.length === 0) return
  await tx.rows(sql`
    with marked as (
      update accounts a set status = 'missing', status_reason = 'the platform does not find it'
      from ${accountMissed.rows(missing)}
      where a.id = r.id and a.status in ('active', 'missing')
        and not exists (select from profiles p where p.account_id = a.id and p.observed_at > r.observed_at)
      returning a.id, a.platform, a.access_mode
    )
    insert into refusals (account_id, platform, access_mode, endpoint, status, first_at, last_at, looks)
    select id, platform, access_mode, '', 'missing', app_now(), app_now(), 1 from marked order by id
    on conflict (account_id) do update set last_at = app_now(), status = 'missing', endpoint = '', looks = refusals.looks + 1`)
  await tx.rows(sql`
    update accounts a set next_sync_at = greatest(a.next_sync_at, app_now() + ${untilNextLook}) from refusals r
    where r.account_id = a.id and a.id = any(${missing.map(({ id }) => id)}::bigint[]) and a.status = 'missing'`)
}

/**
 * Accounts, as `a`, that are due, also for another look at one that was set aside. While its numbers are being refreshed, an
 * account is not due.
 */
export const accountIsDue = (platform: Platform) => sql`
  a.platform = ${platform} and a.status not in ${atRest} and a.next_sync_at <= app_now()
  and a.access_mode <> 'import' and not ${isRefreshing(['extracting', 'transforming'])}`

export const isRefreshing = (statuses: readonly string[]) => sql`
  exists (select from sync_tasks t where t.account_id = a.id and t.mode = 'refresh' and t.status = any(${[...statuses]}::text[]))`

/**
 * The probe of an extract tick, one query: whether accounts are due for a scheduled sync, and whether tasks wait to
 * be claimed.
 */
export async function probeExtract(db: Queryable, platform: Platform) {
  const [found] = await db.rows<{ accounts: boolean; tasks: boolean }>(sql`
    select
      exists (select from accounts a where ${accountIsDue(platform)}) as accounts,
      exists (select from sync_tasks where platform = ${platform} and status in ('queued', 'waiting', 'extracting')
              and coalesce(lease_until, run_at) <= app_now()) as tasks`)
  return found ?? { accounts: false, tasks: false }
}
