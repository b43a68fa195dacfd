import type { Queryable } from './pool.ts'
import { rowsParam, sql } from './sql.ts'

export interface Appearance {
  readonly post_id: string
  readonly account_id: string
}

/** Notes that posts were shown by other accounts than their owners, in key order. */
export async function noteAppearances(tx: Queryable, seen: readonly Appearance[]): Promise<void> {
  if (seen.length === 0) return
  await tx.rows(sql`
    insert into post_appearances (post_id, account_id)
    select post_id, account_id from json_to_recordset(${rowsParam(seen)}::json) as r(post_id bigint, account_id bigint)
    order by post_id, account_id on conflict do nothing`)
}
