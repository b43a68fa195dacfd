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
    select ${code}, ${platform}, ${app_user_id}, count(*) from credentials
    where platform = ${platform} and app_user_id = ${app_user_id} and account_id is not null`)
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

/** Whether it was carried out; undefined: there is none of that code. */
export async function isDeletionDone(db: Queryable, code: string): Promise<boolean | undefined> {
  const [found] = await db.rows<{ is_done: boolean }>(
    sql`select done_at is not null as is_done from deletion_requests where code = ${code}`,
  )
  return found?.is_done
}
