import { brandFinder } from '../../model/brand.ts'
import type { Find } from '../../model/ml-job.ts'
import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'
import { readBrands } from './brands.ts'

interface CaptionBrand {
  readonly post_id: string
  readonly brand_id: string
  readonly name: string
}
const captionBrand = columns<CaptionBrand>({ post_id: 'bigint', brand_id: 'bigint', name: 'text' })

/** Title and body of a post. */
export interface Caption {
  readonly post_id: string
  readonly title: string | null
  readonly body: string | null
  readonly isNew: boolean
}

/** Notes which brands posts name that are being written. */
export async function noteCaptions(tx: Queryable, captions: readonly Caption[]): Promise<void> {
  if (captions.length === 0) return
  const find = brandFinder(await readBrands(tx))
  const known = captions.flatMap(({ post_id, isNew }) => (isNew ? [] : [post_id]))
  if (known.length > 0) await tx.rows(sql`delete from caption_brands where post_id = any(${known}::bigint[])`)
  await insertCaptions(tx, captions, find)
}

type Finder = ReturnType<typeof brandFinder>

/** Letters of what a model read that are kept as evidence: a picture may be full of text. */
const mostOfName = 300

export async function insertCaptions(
  tx: Queryable,
  captions: readonly Omit<Caption, 'isNew'>[],
  find: Finder,
): Promise<void> {
  const rows = captions.flatMap(({ post_id, title, body }) =>
    find(`${title ?? ''}\n${body ?? ''}`).map(({ id, name }) => ({ post_id, brand_id: id, name })),
  )
  if (rows.length === 0) return
  await tx.rows(sql`
    insert into caption_brands as c (${captionBrand.list}) select ${captionBrand.of('r')} from ${captionBrand.rows(rows)}
    order by 1, 2 on conflict (post_id, brand_id) do update set name = excluded.name where c.name is distinct from excluded.name`)
}

/** What a model found in a content. */
export interface FoundIn {
  readonly content_key: string
  readonly kind: string
  readonly model_version: string
  readonly finds: readonly NamedFind[]
}
type NamedFind = Pick<Find, 'what' | 'name' | 'score'>

interface FindBrand extends Omit<FoundIn, 'finds'> {
  readonly what: 'text' | 'brand'
  readonly brand_id: string
  readonly name: string
  readonly score: number | null
}
const findBrand = columns<FindBrand>({
  content_key: 'uuid',
  kind: 'text',
  model_version: 'text',
  what: 'text',
  brand_id: 'bigint',
  name: 'text',
  score: 'float8',
})

/** Notes which brands the finds name that are being written: words of a picture together, since a name may stand in two lines. */
export async function noteFinds(tx: Queryable, found: readonly FoundIn[]): Promise<void> {
  const naming = found.filter(({ finds }) => finds.some(({ what }) => what === 'text' || what === 'brand'))
  if (naming.length === 0) return
  await insertFindBrands(tx, naming, brandFinder(await readBrands(tx)))
}

export async function insertFindBrands(
  tx: Queryable,
  found: readonly FoundIn[],
  find: Finder,
): Promise<void> {
  const rows = found.flatMap(({ finds, ...key }) =>
    (['text', 'brand'] as const).flatMap((what) =>
      brandsIn(
        finds.filter((one) => one.what === what),
        find,
      ).map((one) => ({ ...key, what, ...one })),
    ),
  )
  if (rows.length === 0) return
  await tx.rows(sql`
    insert into ml_find_brands as f (${findBrand.list}) select ${findBrand.of('r')} from ${findBrand.rows(rows)}
    order by 1, 2, 3, 4, 5 on conflict (content_key, kind, model_version, what, brand_id) do update
    set (name, score) = row(excluded.name, excluded.score) where (f.name, f.score) is distinct from (excluded.name, excluded.score)`)
}

/** Brands that finds name: by the surest that names one alone, else by its name, as sure as the least sure of all. */
function brandsIn(
  finds: readonly NamedFind[],
  find: Finder,
): Pick<FindBrand, 'brand_id' | 'name' | 'score'>[] {
  const alone = finds
    .flatMap(({ name, score }) =>
      find(name ?? '').map(({ id }) => ({ brand_id: id, name: (name ?? '').slice(0, mostOfName), score })),
    )
    .sort((a, b) => (a.score ?? 0) - (b.score ?? 0))
  const scores = finds.flatMap(({ score }) => score ?? [])
  const score = scores.length > 0 ? Math.min(...scores) : null
  const together = find(finds.map(({ name }) => name ?? '').join('\n'))
  return [
    ...new Map([
      ...together.map(({ id, name }) => [id, { brand_id: id, name, score }] as const),
      ...alone.map((one) => [one.brand_id, one] as const),
    ]).values(),
  ]
}
