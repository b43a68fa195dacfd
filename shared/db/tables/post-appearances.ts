import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

export interface Appearance {
  readonly post_id: string
  readonly account_id: string
}

const appearance = columns<Appearance>({ post_id: 'bigint', account_id: 'bigint' })

/** Notes that posts were shown by other accounts than their owners, in key order. */
export async function noteAppearances(tx: Queryable, seen: readonly Appearance[]): Promise<void> {
  if (seen.length === 0) return
  await tx.rows(sql`
    insert into post_appearances (${appearance.list}) select ${appearance.of('r')} from ${appearance.rows(seen)}
    order by post_id, account_id on conflict do nothing`)
}
