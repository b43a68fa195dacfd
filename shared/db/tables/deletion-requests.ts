import type { Platform } from '../../model/account.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** An owner asked a platform to have all data deleted. */
export interface DeletionRequest {
  /** By which the owner sees how it stands. */
  readonly code: string
  readonly platform: Platform
  /** How the platform names the owner towards our app. */
  readonly app_user_id: string
}

export async function openDeletion(db: Queryable, request: DeletionRequest): Promise<void> {
  const { code, platform, app_user_id } = request
  await db.rows(sql`
    insert into deletion_requests (code, platform, app_user_id, accounts)
    select ${code}, ${platform}, ${app_user_id}, count(*) from credentials c join accounts a on a.id = c.account_id
    where c.platform = ${platform} and (c.app_user_id = ${app_user_id} or a.native_id = ${app_user_id})`)
}

/** Requests that are not carried out, received so many minutes ago or earlier. */
export const openDeletions = (db: Queryable, minutes: number) =>
  db.rows<DeletionRequest>(sql`
    select code, platform, app_user_id from deletion_requests
    where done_at is null and requested_at <= app_now() - ${minutes} * interval '1 minute' order by requested_at limit 100`)

/** It was carried out: whose it was is forgotten. */
export async function endDeletion(db: Queryable, code: string): Promise<void> {
  await db.rows(
    sql`update deletion_requests set done_at = app_now(), app_user_id = null where code = ${code}`,
  )
}

/** How a request stands. none: no account of that owner was known; undefined: there is no request of that code. */
export async function stateOfDeletion(
  db: Queryable,
  code: string,
): Promise<'open' | 'done' | 'none' | undefined> {
  const [found] = await db.rows<{ state: 'open' | 'done' | 'none' }>(sql`
    select case when done_at is null then 'open' when accounts = 0 then 'none' else 'done' end as state
    from deletion_requests where code = ${code}`)
  return found?.state
}
