import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

export interface Deed {
  /** Who did it, for example `api`. */
  readonly actor: string
  readonly action: string
  readonly about: string
  /** Facts without anything that must not be kept. */
  readonly details: object
}

/** Notes a change by hand, in the transaction that makes it. */
export async function note(tx: Queryable, { actor, action, about, details }: Deed): Promise<void> {
  await tx.rows(sql`
    insert into audit_log (actor, action, about, details)
    values (${actor}, ${action}, ${about}, ${JSON.stringify(details)}::jsonb)`)
}
