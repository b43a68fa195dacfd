import type { MlKind } from '../../model/ml-job.ts'
import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** A content that a page gave a post, for which there is to be an ML job of that kind. */
export interface PlannedContent {
  readonly raw_page_id: string
  readonly sync_task_id: string
  readonly post_id: string
  readonly content_key: string
  readonly kind: MlKind
}

const planned = columns<PlannedContent>({
  raw_page_id: 'bigint',
  sync_task_id: 'bigint',
  post_id: 'bigint',
  content_key: 'uuid',
  kind: 'text',
})

/** Plans ML jobs for contents, a row a page; a page that is read again adds to what it planned before. */
export async function planContents(tx: Queryable, contents: readonly PlannedContent[]): Promise<void> {
  if (contents.length === 0) return
  await tx.rows(sql`
    insert into ml_plans as l (raw_page_id, sync_task_id, post_ids, content_keys, kinds, contents)
    select raw_page_id, min(sync_task_id), array_agg(post_id), array_agg(content_key), array_agg(kind),
      count(distinct (content_key, kind))::int
    from ${planned.rows(contents)} group by raw_page_id order by raw_page_id
    on conflict (raw_page_id) do update set post_ids = l.post_ids || excluded.post_ids,
      content_keys = l.content_keys || excluded.content_keys, kinds = l.kinds || excluded.kinds,
      contents = l.contents + excluded.contents`)
}
