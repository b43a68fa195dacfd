import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** null: of none any more. */
export interface AccountChange {
  readonly sync_every_minutes?: number | undefined
  readonly paused?: boolean | undefined
  readonly client_id?: string | null | undefined
  readonly brand_id?: string | null | undefined
  readonly tags?: readonly string[] | undefined
}

/**
 * Changes the rhythm of an account, for whom it is followed, pauses it, or lets it go on. Only one that could be synced is paused; a
 * new rhythm counts from now at the latest. False: there is no such account.
 */
export async function changeAccount(
  tx: Queryable,
  id: string,
  { sync_every_minutes, paused, client_id, brand_id, tags }: AccountChange,
): Promise<boolean> {
  const changed = await tx.rows(sql`
    update accounts set
      sync_every = coalesce(${sync_every_minutes ?? null}::int * interval '1 minute', sync_every),
      next_sync_at = case when ${sync_every_minutes ?? null}::int is null then next_sync_at
        else least(next_sync_at, app_now() + ${sync_every_minutes ?? null}::int * interval '1 minute') end,
      status = case when ${paused ?? null}::boolean and status in ('active', 'missing') then 'paused'
        when not ${paused ?? null}::boolean and status = 'paused' then 'active' else status end,
      status_reason = case when ${paused ?? null}::boolean and status in ('active', 'missing') then 'paused by hand'
        when not ${paused ?? null}::boolean and status = 'paused' then null else status_reason end,
      client_id = case when ${client_id === undefined} then client_id else ${client_id ?? null}::bigint end,
      brand_id = case when ${brand_id === undefined} then brand_id else ${brand_id ?? null}::bigint end,
      tags = case when ${tags === undefined} then tags
        else array(select distinct tag from unnest(${[...(tags ?? [])]}::text[]) tag order by tag) end
    where id = ${id} and status <> 'erased' returning id`)
  return changed.length > 0
}
