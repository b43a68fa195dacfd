import { isConcerted } from '../../model/refusal.ts'
import { columns } from '../columns.ts'
import type { Db, Queryable } from '../pool.ts'
import { type Sql, sql } from '../sql.ts'
import { type FaultPlace, faultOf, type NewFault, noteFault } from './app-faults.ts'
import { atRest } from './at-rest.ts'

/** An account that was refused. */
export interface RefusedAccount {
  readonly account_id: string
  /** The status that the refusal gives the account. null: it says nothing about the account. */
  readonly status: string | null
  /** In plain words. */
  readonly reason: string
  /** Counts at once; otherwise after a second look. */
  readonly is_certain: boolean
  /** Whether it is evidence against the app: a name that was never found may just be wrong. */
  readonly proves: boolean
}

/** Accounts refused alike by one call, by one right. */
export interface RefusedAlike extends FaultPlace {
  readonly endpoint: string
  readonly code: string
  readonly accounts: readonly RefusedAccount[]
  /** Accounts that the same call answered well in the meantime. */
  readonly answered: number
  /** What to note if the app turns out to be at fault. */
  readonly fault: Pick<NewFault, 'message' | 'remedy'>
}

/** What weighing came to: the app is at fault, or these accounts were set aside and the others are looked at once more. */
export type Weighed = { readonly fault: 'app' } | { readonly fault: 'account'; readonly aside: Set<string> }

/** A second look is due so much later that a passing trouble is over. */
const secondLook = sql`interval '20 hours'`

/**
 * Weighs refusals against each other before any account is condemned: refused alike by most that were asked, or by three
 * one after the other, it is the app that is refused, and what was said of accounts for it is taken back. Otherwise what
 * is certain counts at once, and the rest when it is seen again a day later.
 */
export function weighRefusals(db: Db, refused: RefusedAlike): Promise<Weighed> {
  const { platform, access_mode, code } = refused
  return db.transaction(async (tx) => {
    const ids = refused.accounts.map(({ account_id }) => account_id)
    await tx.rows(sql`select from accounts where id = any(${ids}::bigint[]) order by id for no key update`)
    const looks = await noteRefusals(tx, refused)
    const open = await faultOf(tx, refused)
    const proving = new Set(refused.accounts.flatMap((one) => (one.proves ? [one.account_id] : [])))
    const fresh = looks.filter(({ account_id, is_new }) => is_new && proving.has(account_id)).length
    const isApp = open?.code === code || isConcerted(await evidence(tx, refused, fresh))
    if (isApp) {
      await noteFault(tx, { platform, access_mode, code, ...refused.fault })
      await takeBack(tx, refused)
      return { fault: 'app' }
    }
    const isSecond = new Set(looks.flatMap(({ account_id, is_second }) => (is_second ? [account_id] : [])))
    const condemned = refused.accounts.filter(
      ({ account_id, status, is_certain }) => status !== null && (is_certain || isSecond.has(account_id)),
    )
    await condemn(tx, condemned)
    await lookTomorrow(
      tx,
      ids.filter((id) => !condemned.some(({ account_id }) => account_id === id)),
    )
    return { fault: 'account', aside: new Set(condemned.map(({ account_id }) => account_id)) }
  })
}

/** Sets accounts aside for what we found out ourselves, in words that are in `reason`. */
export function setAside(
  db: Db,
  place: FaultPlace,
  accounts: readonly Omit<RefusedAccount, 'is_certain' | 'proves'>[],
): Promise<void> {
  return db.transaction(async (tx) => {
    const ids = accounts.map(({ account_id }) => account_id)
    await tx.rows(sql`select from accounts where id = any(${ids}::bigint[]) order by id for no key update`)
    await noteRefusals(tx, { ...place, endpoint: '', code: null, accounts })
    await condemn(tx, accounts)
  })
}

interface Look {
  readonly account_id: string
  readonly is_new: boolean
  readonly is_second: boolean
}

const found = columns<Pick<RefusedAccount, 'account_id' | 'status'>>({ account_id: 'bigint', status: 'text' })

/** The caller holds the accounts. Another refusal than the one on record starts over. */
async function noteRefusals(
  tx: Queryable,
  refused: Pick<RefusedAlike, 'platform' | 'access_mode' | 'endpoint'> & {
    readonly code: string | null
    readonly accounts: readonly Pick<RefusedAccount, 'account_id' | 'status'>[]
  },
): Promise<Look[]> {
  const { platform, access_mode, endpoint, code, accounts } = refused
  return tx.rows<Look>(sql`
    with given as (
      select r.account_id, r.status, k.first_at as known_at from ${found.rows(accounts)}
      left join refusals k on k.account_id = r.account_id
        and (k.code is not distinct from ${code}::text or k.status = r.status)
    ), noted as (
      insert into refusals as k (account_id, platform, access_mode, endpoint, code, status, first_at, last_at)
      select account_id, ${platform}, ${access_mode}, ${endpoint}, ${code}::text, status, coalesce(known_at, app_now()), app_now()
      from given order by account_id
      on conflict (account_id) do update set (access_mode, endpoint, code, status, first_at, last_at, looks)
        = (excluded.access_mode, excluded.endpoint, excluded.code, excluded.status, excluded.first_at, excluded.last_at,
          case when excluded.first_at = k.first_at then k.looks else 0 end)
    )
    select account_id, known_at is null as is_new, coalesce(known_at <= app_now() - ${secondLook}, false) as is_second from given`)
}

/**
 * Notes that one account was rate-limited. Returns how often it was before while others were answered well; 0: nothing
 * distinguishes it from the others.
 */
export async function refusedAlone(
  db: Queryable,
  {
    platform,
    access_mode,
    endpoint,
    code,
  }: FaultPlace & { readonly endpoint: string; readonly code: string },
  accountId: string,
  wereOthersAnswered: boolean,
): Promise<number> {
  const [found] = await db.rows<{ times: number }>(sql`
    with known as (
      select looks, last_at from refusals where account_id = ${accountId} and code = ${code} and last_at > app_now() - interval '1 day'
    ), alone as (
      select exists (select from known k where ${wereOthersAnswered}::boolean or exists (
        select from (select * from raw_pages order by id desc limit 2000) p
        where p.platform = ${platform} and p.endpoint = ${endpoint} and p.account_id <> ${accountId}
          and p.fetched_at > k.last_at - interval '1 minute')) as is_alone
    )
    insert into refusals as r (account_id, platform, access_mode, endpoint, code, first_at, last_at)
    values (${accountId}, ${platform}, ${access_mode}, ${endpoint}, ${code}, app_now(), app_now())
    on conflict (account_id) do update set last_at = app_now(), endpoint = excluded.endpoint, code = excluded.code,
      first_at = case when r.code = excluded.code then r.first_at else app_now() end,
      looks = case when r.code = excluded.code and (select is_alone from alone) then r.looks + 1 else 0 end,
      status = null
    where r.status is null
    returning looks as times`)
  return found?.times ?? 0
}

/** Refused alike for the first time since the call was last answered well, within a day: as `r`. */
const alikeOfLate = ({ platform, access_mode, code, endpoint }: RefusedAlike): Sql => sql`
  r.platform = ${platform} and r.access_mode = ${access_mode} and r.code = ${code} and r.endpoint = ${endpoint}
  and (r.status is null or r.status not in ('missing', 'unsupported') or exists (
    select from accounts k where k.id = r.account_id and k.native_id is not null))
  and r.first_at > greatest(app_now() - interval '1 day', (
    select max(p.fetched_at) from (select * from raw_pages order by id desc limit 2000) p
    join accounts o on o.id = p.account_id and o.access_mode = ${access_mode}
    where p.platform = ${platform} and p.endpoint = ${endpoint}))`

async function evidence(tx: Queryable, refused: RefusedAlike, fresh: number) {
  const { platform, access_mode, answered } = refused
  const [found] = await tx.rows<{ alike: number; others: number }>(sql`
    select (select count(*)::int from refusals r where ${alikeOfLate(refused)}) as alike,
      (select count(*)::int from accounts a where a.platform = ${platform} and a.access_mode = ${access_mode}
        and a.status in ('active', 'missing') and not exists (
          select from refusals r where r.account_id = a.id and ${alikeOfLate(refused)})) as others`)
  return { fresh, answered, alike: found?.alike ?? 0, others: found?.others ?? 0 }
}

/** Accounts that were set aside for what turned out to be the fault of the app are as they were before. */
async function takeBack(tx: Queryable, refused: RefusedAlike): Promise<void> {
  await tx.rows(sql`
    with held as (
      select a.id from accounts a join refusals r on r.account_id = a.id and r.status = a.status
      where ${alikeOfLate(refused)} and a.status <> 'active' and a.status not in ${atRest} order by a.id for no key update of a
    )
    update accounts a set status = 'active', status_reason = null, next_sync_at = app_now() from held where a.id = held.id`)
}

/**
 * Until the next look: a day after the first one, a week after the second, then thirty days; `looks` counts the last one.
 */
export const untilNextLook = sql`
  case when r.looks < 2 then interval '1 day' when r.looks = 2 then interval '7 days' else interval '30 days' end`

type Condemned = Omit<RefusedAccount, 'is_certain' | 'proves'>
const condemned = columns<Condemned>({ account_id: 'bigint', status: 'text', reason: 'text' })

async function condemn(tx: Queryable, accounts: readonly Condemned[]): Promise<void> {
  if (accounts.length === 0) return
  await tx.rows(sql`
    with given as (
      select * from ${condemned.rows(accounts, 'g')}
    ), looked as (
      update refusals r set looks = r.looks + 1 from given g where r.account_id = g.account_id
      returning r.account_id, ${untilNextLook} as wait
    )
    update accounts a set status = g.status, status_reason = g.reason, next_sync_at = app_now() + l.wait
    from given g join looked l on l.account_id = g.account_id
    where a.id = g.account_id and a.status not in ${atRest}`)
}

async function lookTomorrow(tx: Queryable, ids: readonly string[]): Promise<void> {
  await tx.rows(sql`
    update accounts set next_sync_at = greatest(next_sync_at, app_now() + interval '1 day')
    where id = any(${[...ids]}::bigint[]) and status not in ${atRest}`)
}

/**
 * A good answer heals an account at once, whatever it was called, and puts it back on schedule; only the owner's consent
 * does so where the credential itself was refused. Locks the accounts, so it comes first in its transaction.
 */
export async function healAccounts(
  tx: Queryable,
  endpoint: string,
  accountIds: readonly string[],
): Promise<void> {
  if (accountIds.length === 0) return
  await tx.rows(sql`
    with held as (
      select id from accounts where id = any(${[...accountIds]}::bigint[]) order by id for no key update
    ), healed as (
      delete from refusals r using held where r.account_id = held.id and r.endpoint in ('', ${endpoint}) returning r.account_id
    )
    update accounts a set status = 'active', status_reason = null, next_sync_at = least(a.next_sync_at, app_now() + a.sync_every)
    from healed where a.id = healed.account_id and a.status not in ${atRest}
      and (a.status = 'active' or not exists (select from credentials c where c.account_id = a.id and c.status <> 'ok'))`)
}
