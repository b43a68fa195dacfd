import { createHash } from 'node:crypto'
import type { Queryable } from '../pool.ts'
import type { Reach } from '../reach.ts'
import { sql } from '../sql.ts'

export type Scope = 'read' | 'sync' | 'admin'

export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  /** The clients that it is bound to. */
  readonly client_ids: Reach
  /** Their names, in alphabetical order. */
  readonly clients: readonly string[] | null
  readonly created_at: Date
}

const columns = sql`k.id, k.name, k.scopes, k.client_ids::text[] as client_ids, k.created_at,
  case when k.client_ids is not null then array(select c.name from clients c where c.id = any(k.client_ids) order by 1) end as clients`

/** Releases that know nothing of clients do not find a key that is bound to some, and refuse it. */
const boundHashOf = (hash: string) => createHash('sha256').update(`bound ${hash}`).digest('hex')

/** The key of this hash that is good; undefined: there is none. */
export async function keyOfHash(db: Queryable, hash: string): Promise<ApiKey | undefined> {
  const [key] = await db.rows<ApiKey>(sql`
    select ${columns} from api_keys k where k.hash in (${hash}, ${boundHashOf(hash)}) and k.revoked_at is null`)
  return key
}

/** Makes a key; undefined when a good one has this name already. */
export async function makeKey(
  tx: Queryable,
  {
    name,
    hash,
    scopes,
    client_ids,
  }: Pick<ApiKey, 'name' | 'scopes' | 'client_ids'> & { readonly hash: string },
): Promise<ApiKey | undefined> {
  const [key] = await tx.rows<ApiKey>(sql`
    insert into api_keys as k (name, hash, scopes, client_ids, has_check)
    values (${name}, ${client_ids ? boundHashOf(hash) : hash}, ${[...scopes]}::text[], ${client_ids && [...client_ids]}::bigint[], true)
    on conflict do nothing returning ${columns}`)
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
  db.rows<ApiKey>(sql`select ${columns} from api_keys k where k.revoked_at is null order by k.id`)

/** From now on the key is refused. False: there is no good one of this number. */
export async function revokeKey(tx: Queryable, id: string): Promise<boolean> {
  const revoked = await tx.rows(sql`
    update api_keys set revoked_at = app_now() where id = ${id} and revoked_at is null returning id`)
  return revoked.length > 0
}
