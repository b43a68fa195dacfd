import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** Pages of so long ago are looked for once more: what transformed them may have committed late. */
const overlap = sql`interval '10 minutes'`

/** From where numbers are yet to be counted. */
export interface Place {
  readonly from: Date
  /** Of the part that begins there, posts up to this one are counted. */
  readonly after: string
}

/** How far days are counted. */
export interface Counting {
  readonly time_zone: string
  /** null: all is counted. */
  readonly place: Place | null
  /** What is left was counted before, in another time zone. */
  readonly is_rezoned: boolean
  /** It is another time zone than at the last call. */
  readonly is_changed: boolean
}

/**
 * Moves the place from which days are to be counted back to the oldest answer that was read since the last call; of another
 * time zone, to the beginning of the first day of all history.
 */
export async function startCounting(tx: Queryable, timeZone: string): Promise<Counting> {
  const [row] = await tx.rows<Omit<Counting, 'place'> & { from: Date | null; after: string }>(sql`
    update report_settings s set time_zone = ${timeZone}, settled_to = app_now() - ${overlap},
      is_rezoned = s.is_rezoned or s.time_zone <> ${timeZone}, count_from = n.count_from,
      count_after = case when n.count_from = s.count_from then s.count_after else 0 end
    from (
      select case when time_zone = ${timeZone} then least(count_from,
          (select min(fetched_at) from raw_pages where settled_at > settled_to and status = 'transformed'))
        else (least((select min(observed_at) from post_metrics), (select min(observed_at) from profile_metrics))
          at time zone ${timeZone})::date::timestamp at time zone ${timeZone} end as count_from, time_zone as before
      from report_settings) n
    returning s.time_zone, s.is_rezoned, n.before <> ${timeZone} as is_changed, s.count_from as from, s.count_after as after`)
  const { from, after, ...counting } = row ?? {
    ...{ time_zone: timeZone, is_rezoned: false, is_changed: false },
    ...{ from: null, after: '0' },
  }
  return { ...counting, place: from && { from, after } }
}

/** What comes before that place is counted; null: all is. */
export const markCounted = (tx: Queryable, place: Place | null) =>
  tx.rows(sql`
    update report_settings set count_from = ${place?.from ?? null}, count_after = ${place?.after ?? '0'}::bigint,
      is_rezoned = is_rezoned and ${place !== null}`)

/** In which days begin, as `maintain` has it. */
export async function reportTimeZone(db: Queryable): Promise<string> {
  const [row] = await db.rows<{ zone: string }>(sql`select time_zone as zone from report_settings`)
  return row?.zone ?? 'UTC'
}

/** Numbers that are counted at this moment wait for posts and accounts that are deleted, and these for them; two that count do too. */
export const holdDays = (tx: Queryable, how: 'to count' | 'to delete') =>
  tx.rows(
    how === 'to count'
      ? sql`select pg_advisory_xact_lock(hashtext('social-sync days'))`
      : sql`select pg_advisory_xact_lock_shared(hashtext('social-sync days'))`,
  )
