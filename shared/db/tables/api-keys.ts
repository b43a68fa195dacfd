import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

export type Scope = 'read' | 'sync' | 'admin'

export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly created_at: Date
}

/** The key of this hash that is good; undefined: there is none. */
export async function keyOfHash(db: Queryable, hash: string): Promise<ApiKey | undefined> {
  const [key] = await db.rows<ApiKey>(sql`
    select id, name, scopes, created_at from api_keys where hash = ${hash} and revoked_at is null`)
  return key
}

/** Makes a key; undefined when a good one has this name already. */
export async function makeKey(
  tx: Queryable,
  { name, hash, scopes }: { readonly name: string; readonly hash: string; readonly scopes: readonly Scope[] },
): Promise<ApiKey | undefined> {
  const [key] = await tx.rows<ApiKey>(sql`
    insert into api_keys (name, hash, scopes, has_check) values (${name}, ${hash}, ${[...scopes]}::text[], true)
    on conflict do nothing returning id, name, scopes, created_at`)
  return key
}

/** The secret that keys are checked by, and whether there are good ones of a release that gave them no check. */
export async function readKeyCheck(db: Queryable): Promise<{ secret: string; hasUnchecked: boolean }> {
  const [row] = await db.rows<{ secret: string; has_unchecked: boolean }>(sql`
    select key_check::text as secret,
      exists (select from api_keys where revoked_at is null and not has_check) as has_unchecked from installation`)
  if (!row) throw new Error('the row of this installation is gone')
  return { secret: row.secret, hasUnchecked: row.has_unchecked }
}

export const listKeys = (db: Queryable) =>
  db.rows<ApiKey>(sql`select id, name, scopes, created_at from api_keys where revoked_at is null order by id`)

/** From now on the key is refused. False: there is no good one of this number. */
export async function revokeKey(tx: Queryable, id: string): Promise<boolean> {
  const revoked = await tx.rows(sql`
    update api_keys set revoked_at = app_now() where id = ${id} and revoked_at is null returning id`)
  return revoked.length > 0
}
