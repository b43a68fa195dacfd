import { setTimeout as after } from 'node:timers/promises'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { makeAllDue } from '../../local/cloud.ts'
import type { DriverName } from '../../local/drivers/open.ts'
import { openOrchestrator } from './orchestrator.ts'
import { snapshot } from './snapshot.ts'
import { openTestWorld, type TestWorldOptions } from './world.ts'

/** A world whose work this driver does. */
export async function openDriven(name: DriverName, options: TestWorldOptions = {}) {
  const server = await openOrchestrator(name)
  const world = await openTestWorld({ driver: server.driver, ...options })
  /** Makes every account due, has its task made, and waits until some of its pages are kept. */
  const begin = async ({ cloud }: Awaited<ReturnType<typeof world.open>>, pages: number) => {
    await makeAllDue(world.db, ['youtube'])
    void cloud.triggers.tick('extract-youtube')
    while ((await pagesOf(world.db)) < pages) await after(5)
  }
  return { ...world, server, begin }
}

export const pagesOf = async (db: Db) =>
  Number((await db.rows<{ count: string }>(sql`select count(*) from raw_pages`))[0]?.count ?? 0)

export const isAnyWaiting = async (db: Db) =>
  (await db.rows(sql`select from sync_tasks where status = 'waiting' limit 1`)).length > 0

export const statesOf = (db: Db) =>
  db.rows(sql`select status, count(*)::int as count from sync_tasks group by 1 order by 1`)

const calm = new Map<string, Promise<{ rows: object; calls: number }>>()
/** What the functions come to over the same accounts, undisturbed. */
export function expectedOf(key: string, observations: TestWorldOptions['observations']) {
  const known = calm.get(key) ?? undisturbed(observations)
  calm.set(key, known)
  return known
}

async function undisturbed(observations: TestWorldOptions['observations']) {
  const world = await openTestWorld(observations ? { observations } : {})
  await world.syncAll()
  return { rows: await snapshot(world.db), calls: callsOf(world) }
}

export const callsOf = ({ simulators }: Pick<Awaited<ReturnType<typeof openTestWorld>>, 'simulators'>) =>
  [...simulators.youtube.calls.values()].reduce((sum, count) => sum + count, 0)
