import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'

/**
 * The world's clock: real time plus a skip that stands in one row of the marked database, where app_now() reads it.
 * It runs at real speed and is moved forward only between calls, so leases and time budgets mean what they mean in
 * the cloud. Never moved back.
 */
export interface WorldClock {
  now(): Date
  /** Moves on to a time; an earlier one changes nothing. */
  jumpTo(time: Date): Promise<void>
}

/** Puts the clock of a simulated world in place. `start` is where a new world begins; an old one goes on. */
export async function openWorldClock(db: Db, start: Date | undefined): Promise<WorldClock> {
  await db.rows(sql`
    update local_cloud set skip = ${aheadOf(start ?? null)} where skip is null and ${start ?? null}::timestamptz is not null`)
  await db.rows(sql`update local_cloud set skip = interval '0' where skip is null`)
  // Every role asks the clock.
  await db.rows(sql`grant select on local_cloud to public`)
  await db.rows(sql`
    create or replace function app_now() returns timestamptz language sql stable parallel safe
    as 'select now() + (select skip from local_cloud)'`)
  let skipMs = skipOf(await db.rows(sql`select app_now() as now`))
  return {
    now: () => new Date(Date.now() + skipMs),
    jumpTo: async (time) => {
      skipMs = skipOf(
        await db.rows(sql`
          update local_cloud set skip = greatest(skip, ${aheadOf(time)}) returning clock_timestamp() + skip as now`),
      )
    },
  }
}

/** In seconds: an interval with days in it would follow the server's daylight saving time. */
const aheadOf = (time: Date | null) =>
  sql`make_interval(secs => extract(epoch from ${time}::timestamptz - now())::float8)`

/** How far app_now() is ahead of this process's own clock, whatever the clock of the server says. */
const skipOf = ([row]: readonly { readonly now: Date }[]): number =>
  row ? row.now.getTime() - Date.now() : 0
