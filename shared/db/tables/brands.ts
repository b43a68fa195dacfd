import { foldHandle } from '../../model/account.ts'
import { type BrandInput, mostNames, type NamedBrand, normOf } from '../../model/brand.ts'
import { columns } from '../columns.ts'
import type { Db, Queryable } from '../pool.ts'
import { isBrandReached, type Reach } from '../reach.ts'
import { sql } from '../sql.ts'
import { note } from './audit-log.ts'
import { namedOnce } from './clients.ts'

/** More names than are looked for in each text. */
export class TooManyNames extends Error {}

export interface SavedBrands {
  readonly added: number
  /** Brands whose names are others now: all is looked through again for them. */
  readonly changed: number
}

type NewBrand = Pick<BrandInput, 'name'> & { readonly name_norm: string; readonly aliases: string[] }
const newBrand = columns<NewBrand>({ name: 'text', name_norm: 'text', aliases: 'text[]' })

/** Writers of texts wait until names are saved, so that no text is looked through for the old ones alone. */
const holdNames = (tx: Queryable) =>
  tx.rows(sql`select pg_advisory_xact_lock(hashtext('social-sync brands'))`)

/**
 * Adds brands, and takes over the aliases of those there by name; others stay. What is on record is looked through later
 * (look-for-brands.ts). Throws TooManyNames.
 */
export const saveBrands = (db: Db, brands: readonly BrandInput[], actor: string): Promise<SavedBrands> =>
  db.transaction(async (tx) => {
    await holdNames(tx)
    const rows = new Map(brands.map((brand) => [normOf(brand.name), brand]))
    const saved = await tx.rows<{ id: string; is_new: boolean }>(sql`
      insert into brands as b (${newBrand.list}) select ${newBrand.of('r')}
      from ${newBrand.rows([...rows].map(([name_norm, { name, aliases }]) => ({ name, name_norm, aliases: [...aliases] })))}
      order by name_norm
      on conflict (name_norm) do update set name = excluded.name, aliases = excluded.aliases, changed_at = app_now(),
        posts_after = 0, finds_after = '00000000-0000-0000-0000-000000000000'
      where (b.name, b.aliases) is distinct from (excluded.name, excluded.aliases)
      returning id, xmax = 0 as is_new`)
    const changed = saved.flatMap(({ id, is_new }) => (is_new ? [] : [id]))
    await forget(tx, changed)
    await saveHandles(tx, [...rows])
    if ((await namesNow(tx)) > mostNames) throw tooMany()
    const done = { added: saved.length - changed.length, changed: changed.length }
    await note(tx, { actor, action: 'save brands', about: 'brands', details: done })
    return done
  })

const tooMany = () => new TooManyNames(`brands may have ${mostNames} names and aliases together`)

async function namesNow(tx: Queryable): Promise<number> {
  const [names] = await tx.rows<{ count: number }>(
    sql`select coalesce(sum(1 + cardinality(aliases)), 0)::int as count from brands`,
  )
  return names?.count ?? 0
}

/**
 * Makes brands of these names that are not there yet, as many as names are left for; aliases of brands are no names here. The caller
 * holds its accounts: they come first in the one order of all locks.
 */
export async function makeBrands(tx: Queryable, names: readonly string[]): Promise<void> {
  const known = await brandsNamed(tx, names, null)
  const missing = namedOnce(names).filter(({ name_norm }) => !known.has(name_norm))
  if (missing.length === 0) return
  await holdNames(tx)
  const rows = missing.slice(0, Math.max(0, mostNames - (await namesNow(tx))))
  await tx.rows(sql`
    insert into brands (${newBrand.list}) select ${newBrand.of('r')}
    from ${newBrand.rows(rows.map((one) => ({ ...one, aliases: [] })))}
    order by r.name_norm on conflict do nothing`)
}

/** Brands by their names as they are compared: all, or those that have accounts within reach. */
export async function brandsNamed(
  db: Queryable,
  names: readonly string[],
  reach: Reach,
): Promise<Map<string, string>> {
  if (names.length === 0) return new Map()
  const rows = await db.rows<{ id: string; name_norm: string }>(sql`
    select b.id, b.name_norm from brands b
    where b.name_norm = any(${names.map(normOf)}::text[]) and ${isBrandReached(reach, sql`b.id`)}`)
  return new Map(rows.map(({ id, name_norm }) => [name_norm, id]))
}

interface NewHandle {
  readonly name_norm: string
  readonly platform: string
  readonly handle: string
  readonly handle_norm: string
}
const newHandle = columns<NewHandle>({
  name_norm: 'text',
  platform: 'text',
  handle: 'text',
  handle_norm: 'text',
})

/** Handles of brands take the place of those there are; a brand that is saved without any keeps them. */
async function saveHandles(tx: Queryable, brands: readonly (readonly [string, BrandInput])[]): Promise<void> {
  const given = brands.flatMap(([name_norm, { handles }]) => (handles ? [{ name_norm, handles }] : []))
  if (given.length === 0) return
  await tx.rows(sql`
    delete from brand_handles h using brands b
    where b.id = h.brand_id and b.name_norm = any(${given.map(({ name_norm }) => name_norm)}::text[])`)
  const rows = given.flatMap(({ name_norm, handles }) =>
    handles.map((one) => ({ name_norm, ...one, handle_norm: foldHandle(one.handle) })),
  )
  await tx.rows(sql`
    insert into brand_handles (brand_id, platform, handle, handle_norm)
    select b.id, r.platform, r.handle, r.handle_norm from ${newHandle.rows(rows)} join brands b on b.name_norm = r.name_norm
    order by 1, 2, 4 on conflict do nothing`)
}

/** Removes a brand with all that was found of it. false: there is none. */
export const removeBrand = (db: Db, id: string, actor: string): Promise<boolean> =>
  db.transaction(async (tx) => {
    await tx.rows(sql`select from accounts where brand_id = ${id} order by id for no key update`)
    await holdNames(tx)
    const [gone] = await tx.rows<{ name: string }>(sql`delete from brands where id = ${id} returning name`)
    if (!gone) return false
    await forget(tx, [id])
    await note(tx, { actor, action: 'remove brand', about: gone.name, details: {} })
    return true
  })

async function forget(tx: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await tx.rows(sql`delete from caption_brands where brand_id = any(${[...ids]}::bigint[])`)
  await tx.rows(sql`delete from ml_find_brands where brand_id = any(${[...ids]}::bigint[])`)
}

/** All brands as they are until the transaction ends; what is written in it names none that is saved meanwhile. */
export async function readBrands(tx: Queryable): Promise<NamedBrand[]> {
  // A statement of its own: what it waited for must be seen by the next.
  await tx.rows(sql`select pg_advisory_xact_lock_shared(hashtext('social-sync brands'))`)
  return tx.rows(sql`select id, name || aliases as names from brands order by id`)
}
