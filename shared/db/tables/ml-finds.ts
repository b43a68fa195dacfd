import type { Find } from '../../model/ml-job.ts'
import { columns } from '../columns.ts'
import type { Db, Queryable } from '../pool.ts'
import { sql } from '../sql.ts'
import { noteFinds } from './found-brands.ts'

/** What names an accepted result. */
interface AnnotationKey {
  readonly content_key: string
  readonly kind: string
  readonly model_version: string
}

export interface Found extends AnnotationKey {
  readonly finds: readonly Find[]
}

type FindRow = AnnotationKey &
  Omit<Find, 'box'> & { readonly position: number; readonly name_norm: string | null; readonly box: unknown }

const find = columns<FindRow>({
  content_key: 'uuid',
  kind: 'text',
  model_version: 'text',
  what: 'text',
  position: 'int',
  name: 'text',
  name_norm: 'text',
  score: 'float8',
  evidence: 'text',
  lang: 'text',
  box: 'jsonb',
})

/** Short enough for an index, whatever letters it has. */
const normOf = (name: string) => [...name.normalize('NFKC').toLowerCase()].slice(0, 200).join('')

function rowsOf({ finds, ...key }: Found): FindRow[] {
  const bySort = Map.groupBy(finds, ({ what }) => what)
  return [...bySort.values()].flatMap((ofSort) =>
    ofSort.map((one, position) => ({
      ...{ ...key, ...one, position },
      name_norm: one.name === null ? null : normOf(one.name),
    })),
  )
}

/** Writes what was found in contents, and the brands in it, beside their annotations; what is there already stays. */
export async function insertFinds(tx: Queryable, found: readonly Found[]): Promise<void> {
  const rows = found.flatMap(rowsOf)
  if (rows.length === 0) return
  await tx.rows(sql`
    insert into ml_finds (${find.list}) select ${find.of('r')} from ${find.rows(rows)} order by 1, 2, 3, 4, 5
    on conflict do nothing`)
  await noteFinds(tx, found)
}

/** So many at once that no lock is held for long. */
const batch = 500

const annotationKey = columns<AnnotationKey>({ content_key: 'uuid', kind: 'text', model_version: 'text' })

/** Brings results of earlier releases into ml_finds, while there is time. Returns how many. */
export async function indexAnnotations(
  db: Db,
  findsOf: (result: unknown) => readonly Find[],
  signal: AbortSignal,
): Promise<number> {
  let indexed = 0
  for (let part = batch; part === batch && !signal.aborted; indexed += part)
    part = await db.transaction(async (tx) => {
      const left = await tx.rows<AnnotationKey & { result: string }>(sql`
        select ${annotationKey.list}, result::text as result from annotations
        where not is_indexed and content_key is not null order by content_key limit ${batch} for update skip locked`)
      const keys = left.map(({ result, ...key }) => key)
      await insertFinds(
        tx,
        left.map(({ result, ...key }) => ({ ...key, finds: findsOf(JSON.parse(result)) })),
      )
      if (keys.length > 0)
        await tx.rows(sql`
          update annotations a set is_indexed = true from ${annotationKey.rows(keys)}
          where (${annotationKey.of('a')}) = (${annotationKey.of('r')})`)
      return left.length
    })
  return indexed
}
