import { normOf } from '../../model/brand.ts'
import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { isClientReached, type Reach } from '../reach.ts'
import { sql } from '../sql.ts'

/** For whom accounts are followed. */
export interface Client {
  readonly id: string
  readonly name: string
  readonly created_at: Date
  /** Accounts followed for it now. */
  readonly accounts: number
}

interface Named {
  readonly name: string
  readonly name_norm: string
}
const named = columns<Named>({ name: 'text', name_norm: 'text' })

/** Each name once, in the first of its spellings. */
export const namedOnce = (names: readonly string[]): Named[] => [
  ...new Map(names.toReversed().map((name) => [normOf(name), { name, name_norm: normOf(name) }])).values(),
]

/** Makes clients of these names that are not there yet. In the order of their names. */
export async function makeClients(tx: Queryable, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  await tx.rows(sql`
    insert into clients (${named.list}) select ${named.of('r')} from ${named.rows(namedOnce(names))}
    where not exists (select from clients c where c.name_norm = r.name_norm) order by r.name_norm on conflict do nothing`)
}

/** Clients within reach by their names as they are compared. */
export async function clientsNamed(
  db: Queryable,
  names: readonly string[],
  reach: Reach,
): Promise<Map<string, string>> {
  if (names.length === 0) return new Map()
  const rows = await db.rows<{ id: string; name_norm: string }>(sql`
    select id, name_norm from clients where name_norm = any(${names.map(normOf)}::text[]) and ${isClientReached(reach, sql`id`)}`)
  return new Map(rows.map(({ id, name_norm }) => [name_norm, id]))
}

/** The one client that a key is bound to. null: it is bound to none or to several; undefined: that client was removed. */
export async function onlyClient(db: Queryable, reach: Reach): Promise<string | null | undefined> {
  if (reach?.length !== 1) return null
  const [client] = await db.rows<{ id: string }>(sql`select id from clients where id = ${reach[0] ?? null}`)
  return client?.id
}

/** Clients within reach after this one in order of their numbers, and one more than asked for. */
export const listClients = (db: Queryable, reach: Reach, after: string, limit: number) =>
  db.rows<Client>(sql`
    select c.id, c.name, c.created_at, (
      select count(*)::int from accounts a where a.client_id = c.id and a.status not in ('unfollowed', 'erased')) as accounts
    from clients c where c.id > ${after}::bigint and ${isClientReached(reach, sql`c.id`)}
    order by c.id limit ${limit + 1}`)

/** Gives a client another name. taken: another one has it; undefined: there is no such client. */
export async function renameClient(
  tx: Queryable,
  id: string,
  name: string,
): Promise<'renamed' | 'taken' | undefined> {
  const name_norm = normOf(name)
  const rows = await tx.rows<{ id: string }>(sql`
    select id from clients where id = ${id} or name_norm = ${name_norm} order by id for update`)
  if (!rows.some((one) => one.id === id)) return undefined
  if (rows.length > 1) return 'taken'
  await tx.rows(sql`update clients set name = ${name}, name_norm = ${name_norm} where id = ${id}`)
  return 'renamed'
}

/** Removes a client; accounts stay, for no client. Keys bound to it see it no more. false: there is none. */
export async function removeClient(tx: Queryable, id: string): Promise<boolean> {
  // Accounts first, in the one order of all locks; those that became the client's meanwhile are seen by the update.
  await tx.rows(sql`select from accounts where client_id = ${id} order by id for no key update`)
  const [client] = await tx.rows(sql`select from clients where id = ${id} for update`)
  if (!client) return false
  await tx.rows(sql`update accounts set client_id = null where client_id = ${id}`)
  await tx.rows(sql`delete from clients where id = ${id}`)
  return true
}
