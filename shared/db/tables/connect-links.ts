import type { Platform } from '../../model/account.ts'
import type { Queryable } from '../pool.ts'
import { isReached, type Reach } from '../reach.ts'
import { sql } from '../sql.ts'

/** A link by which an owner grants access. */
export interface ConnectLink {
  readonly id: string
  readonly platform: Platform
  readonly client_id: string | null
  readonly account_id: string | null
  readonly made_by: string
  readonly expires_at: Date
}

export async function makeLink(
  tx: Queryable,
  link: Pick<ConnectLink, 'platform' | 'client_id' | 'account_id' | 'made_by'>,
  { token_hash, hours }: { readonly token_hash: string; readonly hours: number },
): Promise<Pick<ConnectLink, 'id' | 'expires_at'>> {
  const { platform, client_id, account_id, made_by } = link
  const [made] = await tx.rows<Pick<ConnectLink, 'id' | 'expires_at'>>(sql`
    insert into connect_links (token_hash, platform, client_id, account_id, made_by, expires_at)
    values (${token_hash}, ${platform}, ${client_id}, ${account_id}, ${made_by}, app_now() + ${hours} * interval '1 hour')
    returning id, expires_at`)
  if (!made) throw new Error('an insert gives its row back')
  return made
}

/** The link of a token that opens something yet, or of one that has connected an account (is_used). */
export async function linkOf(
  db: Queryable,
  tokenHash: string,
): Promise<(ConnectLink & { readonly is_used: boolean; readonly handle: string | null }) | undefined> {
  const [link] = await db.rows<ConnectLink & { is_used: boolean; handle: string | null }>(sql`
    select l.id, l.platform, l.client_id, l.account_id, l.made_by, l.expires_at, l.connected_at is not null as is_used, a.handle
    from connect_links l left join accounts a on a.id = l.account_id
    where l.token_hash = ${tokenHash} and (l.expires_at > app_now() or l.connected_at is not null)`)
  return link
}

/** Locks a link. false: it opens nothing any more. */
export async function holdLink(tx: Queryable, id: string): Promise<boolean> {
  const held = await tx.rows(sql`
    select from connect_links where id = ${id} and connected_at is null and expires_at > app_now() for no key update`)
  return held.length > 0
}

/** Its owner has granted access: it opens nothing any more. */
export async function endLink(tx: Queryable, id: string, accountId: string): Promise<void> {
  await tx.rows(
    sql`update connect_links set connected_at = app_now(), connected_id = ${accountId} where id = ${id}`,
  )
}

/** A link as it is shown: how it went, never its secret. */
export interface LinkLine {
  readonly id: string
  readonly platform: Platform
  readonly client: string | null
  /** The account that is to be connected again, and the one that was. */
  readonly account_id: string | null
  readonly connected_account_id: string | null
  readonly state: 'open' | 'connected' | 'expired'
  /** How the last try ended. null: it was not opened, or the owner has not come back. */
  readonly last_outcome: string | null
  readonly made_by: string
  readonly created_at: Date
  readonly expires_at: Date
}

/** Links of clients within reach before this one, the newest first, and one more than asked for. */
export const listLinks = (db: Queryable, reach: Reach, after: string | undefined, limit: number) =>
  db.rows<LinkLine>(sql`
    select l.id, l.platform, c.name as client, l.account_id, l.connected_id as connected_account_id,
      case when l.connected_at is not null then 'connected' when l.expires_at > app_now() then 'open' else 'expired' end as state,
      (select s.outcome from consents s where s.link_id = l.id and s.outcome is not null order by s.used_at desc limit 1) as last_outcome,
      l.made_by, l.created_at, l.expires_at
    from connect_links l left join clients c on c.id = l.client_id
    where ${isReached(reach, sql`l`)} and (${after ?? null}::bigint is null or l.id < ${after ?? null}::bigint)
    order by l.id desc limit ${limit + 1}`)

/** It opens nothing from now on. false: there is none within reach that is open. */
export async function endLinkEarly(db: Queryable, id: string, reach: Reach): Promise<boolean> {
  const ended = await db.rows(sql`
    update connect_links l set expires_at = app_now()
    where l.id = ${id} and l.connected_at is null and l.expires_at > app_now() and ${isReached(reach, sql`l`)} returning l.id`)
  return ended.length > 0
}
