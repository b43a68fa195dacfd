import type { Db, Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** So many at once that no lock is held for long. */
const batch = 1_000

/**
 * Moves ML jobs that a release before 0.2 made to content keys, while there is time (migration 0030_ml_plans.sql); when all are,
 * 0032_ml_plans_only.sql drops what they were kept in. Returns how many were moved.
 */
export async function bringOver(db: Db, signal: AbortSignal): Promise<number> {
  const [found] = await db.rows<{ is_left: boolean }>(
    sql`select to_regprocedure('bring_over_ml(integer)') is not null as is_left`,
  )
  let moved = 0
  while (found?.is_left && !signal.aborted) {
    const [part] = await db.rows<{ moved: number }>(sql`select bring_over_ml(${batch}) as moved`)
    if (!part?.moved) break
    moved += part.moved
  }
  return moved
}

/** Moves the jobs of posts that are about to be deleted, whose contents are found by their keys. */
export async function bringOverPosts(tx: Queryable, postIds: readonly string[]): Promise<void> {
  const [found] = await tx.rows<{ is_left: boolean }>(
    sql`select to_regprocedure('bring_over_ml_jobs(bigint[])') is not null as is_left`,
  )
  if (!found?.is_left) return
  await tx.rows(sql`
    select bring_over_ml_jobs(array(
      select distinct ml_job_id from ml_job_targets where post_id = any(${[...postIds]}::bigint[])))`)
}
