import type { Platform } from '../../model/account.ts'
import type { Lane } from '../../model/sync.ts'
import { bodyUntil, takeBodies } from '../body-store.ts'
import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { join, sql } from '../sql.ts'

export interface NewPage {
  readonly sync_task_id: string
  readonly account_id: string
  readonly platform: Platform
  readonly endpoint: string
  readonly walk: number
  readonly page_no: number
  readonly lane: Lane
  readonly traceparent: string | null
  /** In UTF-8, encoded once for its length, its hash and the way to the server. */
  readonly body: Buffer
  /** Where it lies outside of PostgreSQL. null: it is kept here. */
  readonly body_key: string | null
  readonly body_bytes: number
  readonly body_sha256: string
  readonly nul_count: number
  /** Ids of posts asked about; null: it lists. */
  readonly asked: readonly string[] | null
  /**
   * Milliseconds from the answer of the platform to the beginning of the transaction, so that the database's clock alone dates
   * the page.
   */
  readonly age_ms: number
  /** When it answered, for an imported answer. Absent: by `age_ms`. */
  readonly fetched_at?: Date
}

/**
 * When an answer, as `r`, was given, by the database's clock. If that was set back by up to a day, answers kept before lie in
 * the future: this one is then dated one millisecond after them, so that it does not count as older.
 */
const answeredAt = sql`
  coalesce((select max(p.fetched_at) + interval '1 millisecond' from raw_pages p where p.account_id = r.account_id
      and p.fetched_at > app_now() and p.fetched_at < app_now() + interval '1 day'),
    date_trunc('milliseconds', app_now() - r.age_ms * interval '1 millisecond'))`

const line = columns<Omit<NewPage, 'body' | 'lane' | 'age_ms' | 'fetched_at'>>({
  sync_task_id: 'bigint',
  account_id: 'bigint',
  platform: 'text',
  endpoint: 'text',
  walk: 'int',
  page_no: 'int',
  traceparent: 'text',
  body_bytes: 'int',
  body_sha256: 'text',
  nul_count: 'int',
  asked: 'text[]',
  body_key: 'uuid',
})
const datedLine = line.and(
  columns<Pick<NewPage, 'lane' | 'age_ms' | 'fetched_at'>>({
    lane: 'text',
    age_ms: 'float8',
    fetched_at: 'timestamptz',
  }),
)

/** Keeps raw answers: the ledger lines, and their bodies unless they are put elsewhere already. Bodies travel as parameters of their own, which is fastest. */
export async function insertPages(tx: Queryable, pages: readonly NewPage[]): Promise<void> {
  if (pages.length === 0) return
  await takeBodies(
    tx,
    pages.flatMap(({ body_key }) => body_key ?? []),
  )
  const lines = pages.map(({ body, ...line }) => line)
  const kept = await tx.rows<{
    id: string
    fetched_on: string
    sync_task_id: string
    endpoint: string
    page_no: number
    body_key: string | null
  }>(sql`
    insert into raw_pages (${line.list}, lane, fetched_at, body_until)
    select ${line.of('r')}, r.lane::lane, coalesce(r.fetched_at, ${answeredAt}),
      case when r.body_key is not null then ${bodyUntil(sql`r.platform`)} end from ${datedLine.rows(lines)}
    order by sync_task_id, endpoint, walk, page_no
    returning id, (fetched_at at time zone 'UTC')::date::text as fetched_on, sync_task_id, endpoint, page_no, body_key`)
  const bodies = new Map(pages.map((page) => [keyOf(page), page.body]))
  const values = kept
    .filter(({ body_key }) => body_key === null)
    .map(
      (page) =>
        sql`(${page.id}::bigint, ${page.fetched_on}::date, ${bodies.get(keyOf(page)) ?? Buffer.alloc(0)})`,
    )
  if (values.length > 0)
    await tx.rows(sql`insert into raw_bodies (raw_page_id, fetched_on, body) values ${join(values)}`)
}

const keyOf = (page: { sync_task_id: string; endpoint: string; page_no: number }) =>
  `${page.sync_task_id} ${page.endpoint} ${page.page_no}`
