import { setTimeout as after } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { makeAllDue } from '../../local/cloud.ts'
import { canDrive, openOrchestrator } from '../setup/orchestrator.ts'
import { snapshot } from '../setup/snapshot.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

const names = ['functions', 'flow', 'temporal'] as const
const isWhole = names.every(canDrive)
const observations = fewAccounts(6)

async function undisturbed() {
  const world = await openTestWorld({ observations })
  await world.syncAll()
  return snapshot(world.db)
}

const pagesOf = async (db: Db) =>
  Number((await db.rows<{ count: string }>(sql`select count(*) from raw_pages`))[0]?.count ?? 0)

test.skipIf(!isWhole)(
  'a sync goes on under one driver after another, with nothing lost and nothing doubled',
  {
    timeout: 120_000,
  },
  async () => {
    const world = await openTestWorld({ observations })
    await makeAllDue(world.db, ['youtube'])
    let pages = 0
    for (const name of names) {
      const { driver } = await openOrchestrator(name)
      const opened = await world.open(undefined, {}, driver)
      void opened.cloud.triggers.tick('extract-youtube')
      // The one before left tasks that are queued: the tick makes no new ones for them.
      void opened.cloud.ringExtract('youtube')
      while ((await pagesOf(world.db)) <= pages) await after(5)
      pages = (await pagesOf(world.db)) + 1
      if (name === names.at(-1)) await opened.followThrough()
      await opened.close()
    }
    expect(await snapshot(world.db)).toEqual(await undisturbed())
    expect(await verify(world.db)).toEqual([])
  },
)

test.skipIf(!isWhole)('all drivers at once do everything once', { timeout: 120_000 }, async () => {
  const world = await openTestWorld({ observations })
  await makeAllDue(world.db, ['youtube'])
  const opened = await Promise.all(
    names.map(async (name) => world.open(undefined, {}, (await openOrchestrator(name)).driver)),
  )
  await Promise.all(
    opened.flatMap(({ cloud }) => [cloud.triggers.tick('extract-youtube'), cloud.ringExtract('youtube')]),
  )
  const idle = async () => {
    while (!opened.every(({ cloud }) => cloud.triggers.idle())) await after(5)
  }
  for (const one of [...opened, ...opened]) {
    await idle()
    await one.followThrough()
  }
  await Promise.all(opened.map((one) => one.close()))
  expect(await snapshot(world.db)).toEqual(await undisturbed())
  expect(await verify(world.db)).toEqual([])
})
