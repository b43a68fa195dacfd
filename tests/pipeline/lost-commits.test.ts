import { expect, test } from 'vitest'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { RetryableError } from '#shared/errors.ts'
import { type Change, fewAccounts, openTestWorld } from '../setup/world.ts'

/** The database's answer to the commit of each third transaction of poll is lost. */
const losing =
  (losses: { count: number }): Change =>
  (name, ports) => {
    if (name !== 'poll') return ports
    let count = 0
    const lost = () => {
      losses.count += 1
      return new RetryableError('the answer to COMMIT was lost', { reason: 'database', maybeDone: true })
    }
    const db: Db = {
      ...ports.db,
      transaction: async (work, patienceMs) => {
        count += 1
        const isLost = count % 3 === 1 && count < 30
        // Once after it took effect, once before.
        if (isLost && count % 2 === 0) throw lost()
        const result = await ports.db.transaction(work, patienceMs)
        if (isLost) throw lost()
        return result
      },
    }
    return { ...ports, db }
  }

test('a database in trouble parks no job, whether its answer was lost before or after the effect', async () => {
  const world = await openTestWorld({ observations: fewAccounts(1).slice(0, 12) })
  const losses = { count: 0 }
  const opened = await world.open(losing(losses))
  await opened.runOnce().catch(() => undefined)
  await opened.followThrough().catch(() => undefined)
  await opened.close()
  await world.within((again) => again.followThrough())
  expect(losses.count).toBeGreaterThan(1)
  expect(await world.db.rows(sql`select distinct status, parked from ml_jobs`)).toEqual([
    { status: 'done', parked: false },
  ])
  expect(await verify(world.db)).toEqual([])
})
