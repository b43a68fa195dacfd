import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** Pages of so long ago are looked for once more: what transformed them may have committed late. */
const overlap = sql`interval '10 minutes'`

/** How far days are counted. */
export interface Counting {
  readonly time_zone: string
  /** Numbers observed from then on are yet to be counted. */
  readonly from: Date
  /** They were counted before, in another time zone. */
  readonly is_rezoned: boolean
}

/**
 * Moves the time from which days are to be counted back to the oldest answer that was read since the last call; of another
 * time zone, to the beginning of all history. null: nothing is to be counted.
 */
export async function startCounting(tx: Queryable, timeZone: string): Promise<Counting | null> {
  const [{ from, ...counting } = { from: null, time_zone: timeZone, is_rezoned: false }] = await tx.rows<
    Omit<Counting, 'from'> & { from: Date | null }
  >(sql`
    update report_settings s set time_zone = ${timeZone}, settled_to = app_now() - ${overlap},
      is_rezoned = s.is_rezoned or s.time_zone <> ${timeZone},
      count_from = case when s.time_zone = ${timeZone} then least(s.count_from,
          (select min(fetched_at) from raw_pages where settled_at > s.settled_to and status = 'transformed'))
        else least((select min(observed_at) from post_metrics), (select min(observed_at) from profile_metrics)) end
    returning s.time_zone, s.is_rezoned, s.count_from as from`)
  return from && { ...counting, from }
}

/** Numbers observed before that are counted; null: all are. */
export const markCounted = (tx: Queryable, to: Date | null) =>
  tx.rows(sql`
    update report_settings set count_from = ${to}, is_rezoned = is_rezoned and ${to}::timestamptz is not null`)

/** Posts and accounts that are deleted at this moment, and numbers that are counted, wait for each other. */
export const holdDays = (tx: Queryable, how: 'to count' | 'to delete') =>
  tx.rows(
    how === 'to count'
      ? sql`select pg_advisory_xact_lock_shared(hashtext('social-sync days'))`
      : sql`select pg_advisory_xact_lock(hashtext('social-sync days'))`,
  )
