import { isTaskDue, markTaskDone } from '#shared/db/maintained.ts'
import type { Db } from '#shared/db/pool.ts'
import {
  purgeBodies,
  purgeContent,
  purgeLeftovers,
  purgeMetrics,
  refreshContent,
} from '#shared/db/retention.ts'

/** What a night's sweep deleted, and accounts that are to be walked whole so that nothing of them need be. */
export interface Swept {
  readonly bodies: number
  readonly metrics: number
  readonly content: number
  readonly refreshed: number
}

const everyHours = 20
/** Small enough to hold no lock for long. */
const batch = { bodies: 1_000, metrics: 10_000, content: 500 }

/**
 * Once a night, by the rules in `retention`: what is kept long enough is deleted, and content that comes near its end is
 * asked for again. What there is no time for is left to the next call. null: not due.
 */
export async function sweep(db: Db, timeLeft: () => boolean): Promise<Swept | null> {
  if (!(await isTaskDue(db, 'retention', everyHours))) return null
  const refreshed = await refreshContent(db)
  const bodies = await untilNone(() => purgeBodies(db, batch.bodies), timeLeft)
  const metrics = await untilNone(() => purgeMetrics(db, batch.metrics), timeLeft)
  const content = await untilNone(() => purgeContent(db, batch.content), timeLeft)
  if (timeLeft()) {
    await purgeLeftovers(db)
    await markTaskDone(db, 'retention')
  }
  return { bodies, metrics, content, refreshed }
}

async function untilNone(purge: () => Promise<number>, timeLeft: () => boolean): Promise<number> {
  let purged = 0
  while (timeLeft()) {
    const count = await purge()
    purged += count
    if (count === 0) break
  }
  return purged
}
