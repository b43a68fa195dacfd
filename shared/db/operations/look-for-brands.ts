import { brandFinder, type NamedBrand } from '../../model/brand.ts'
import type { Find } from '../../model/ml-job.ts'
import type { Db, Queryable } from '../pool.ts'
import { raw, sql } from '../sql.ts'
import { readBrands } from '../tables/brands.ts'
import { type FoundIn, insertCaptions, insertFindBrands } from '../tables/found-brands.ts'

/** So many at once that no lock is held for long. */
const batch = 500

/**
 * Looks for brands that were added or changed in what was written before, while there is time: texts of posts, then what models
 * found. What is written meanwhile is looked through by its writer. Returns whether all is looked through.
 */
export async function lookForBrands(db: Db, signal: AbortSignal): Promise<boolean> {
  for (const part of [lookInCaptions, lookInFinds]) {
    for (let isLeft = true; isLeft; ) {
      if (signal.aborted) return false
      isLeft = await db.transaction(part)
    }
  }
  // What another call holds at this moment is not looked through yet.
  const left = await db.rows(sql`
    select from brands where posts_after is not null or finds_after is not null limit 1`)
  return left.length === 0
}

interface Looking {
  /** Where the brand that is furthest back is. */
  readonly after: string
  readonly brands: readonly (NamedBrand & { readonly after: string })[]
}

/** Locks the brands that something is left to look through for, the furthest back first. undefined: there is none. */
async function holdBrands(tx: Queryable, place: 'posts_after' | 'finds_after'): Promise<Looking | undefined> {
  const brands = new Map((await readBrands(tx)).map((brand) => [brand.id, brand]))
  const column = raw(place)
  const left = await tx.rows<{ id: string; after: string }>(sql`
    select id, ${column}::text as after from brands where ${column} is not null order by ${column}, id for update skip locked`)
  const [first] = left
  if (!first) return undefined
  const held = left.flatMap(({ id, after }) => {
    const brand = brands.get(id)
    return brand ? [{ ...brand, after }] : []
  })
  return { after: first.after, brands: held }
}

/** Moves these on to that place; null: nothing is left for any. */
const moveOn = (
  tx: Queryable,
  place: 'posts_after' | 'finds_after',
  ids: readonly string[],
  last: string | null,
) =>
  tx.rows(sql`
    update brands set ${raw(place)} = ${last}::${raw(place === 'posts_after' ? 'bigint' : 'uuid')}
    where id = any(${[...ids]}::bigint[])`)

async function lookInCaptions(tx: Queryable): Promise<boolean> {
  const looking = await holdBrands(tx, 'posts_after')
  if (!looking) return false
  // A text that is rewritten at this moment is looked through by who rewrites it: it is read under the lock.
  const posts = await tx.rows<{ id: string }>(sql`
    select post_id as id from post_latest where post_id > ${looking.after}::bigint order by post_id limit ${batch} for share`)
  const last = posts.length < batch ? null : (posts.at(-1)?.id ?? null)
  const here = looking.brands.filter(({ after }) => last === null || BigInt(after) <= BigInt(last))
  const captions = await tx.rows<{ post_id: string; title: string | null; body: string | null }>(sql`
    select id as post_id, title, body from posts where id = any(${posts.map(({ id }) => id)}::bigint[])`)
  await insertCaptions(tx, captions, brandFinder(here))
  await moveOn(
    tx,
    'posts_after',
    here.map(({ id }) => id),
    last,
  )
  return true
}

type NamedFind = Omit<FoundIn, 'finds'> & Pick<Find, 'what' | 'name' | 'score'>

async function lookInFinds(tx: Queryable): Promise<boolean> {
  const looking = await holdBrands(tx, 'finds_after')
  if (!looking) return false
  const keys = await tx.rows<{ key: string }>(sql`
    select content_key as key from annotations where content_key > ${looking.after}::uuid
    order by content_key limit ${batch} for key share`)
  const last = keys.length < batch ? null : (keys.at(-1)?.key ?? null)
  const here = looking.brands.filter(({ after }) => last === null || after <= last)
  const finds = await tx.rows<NamedFind>(sql`
    select content_key, kind, model_version, what, name, score from ml_finds
    where content_key = any(${keys.map(({ key }) => key)}::uuid[]) and what in ('text', 'brand')
    order by content_key, kind, model_version, what, position`)
  const found = Map.groupBy(finds, (find) => `${find.content_key} ${find.kind} ${find.model_version}`)
  await insertFindBrands(
    tx,
    [...found.values()].flatMap(([first, ...others]) =>
      first ? [{ ...keyOf(first), finds: [first, ...others] }] : [],
    ),
    brandFinder(here),
  )
  await moveOn(
    tx,
    'finds_after',
    here.map(({ id }) => id),
    last,
  )
  return true
}

const keyOf = ({ content_key, kind, model_version }: NamedFind) => ({ content_key, kind, model_version })
