import type { StateStore } from '../../model/state-store.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** Short-lived state in PostgreSQL. */
export const stateInPostgres = (db: Queryable): StateStore => ({
  count: async (name, windowS) => {
    const [row] = await db.rows<{ count: number }>(sql`
      insert into fast_state as s (name, count, ends_at) values (${name}, 1, app_now() + ${windowS} * interval '1 second')
      on conflict (name) do update set
        count = case when s.ends_at <= app_now() then 1 else s.count + 1 end,
        ends_at = case when s.ends_at <= app_now() then excluded.ends_at else s.ends_at end
      returning count`)
    return row?.count ?? 0
  },
  get: async (name) => {
    const [row] = await db.rows<{ text: string | null }>(
      sql`select text from fast_state where name = ${name} and ends_at > app_now()`,
    )
    return row?.text ?? undefined
  },
  put: async (name, text, seconds) => {
    await db.rows(sql`
      insert into fast_state (name, text, ends_at) values (${name}, ${text}, app_now() + ${seconds} * interval '1 second')
      on conflict (name) do update set text = excluded.text, ends_at = excluded.ends_at`)
  },
  close: async () => undefined,
})

/** Deletes what has ended. */
export async function purgeState(db: Queryable): Promise<void> {
  await db.rows(sql`delete from fast_state where ends_at < app_now()`)
}
