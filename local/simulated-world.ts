import { readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makePartitions, migrate } from '#shared/db/migrate.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import type { Platform } from '#shared/model/account.ts'
import type { Options } from './options.ts'
import type { Start } from './start.ts'
import { UserError } from './user-error.ts'
import { readDataset } from './world/dataset.ts'
import { generatedWorld } from './world/generated.ts'
import { type World, worldOf } from './world/world.ts'
import { openWorldClock, type WorldClock } from './world-clock.ts'

/** The schema, and the clock of the world: a new one begins at `--at` or now, an old one goes on. */
export async function openClock(db: Db, options: Options): Promise<WorldClock> {
  await migrate(db)
  const clock = await openWorldClock(db, options.at)
  await makePartitions(db)
  return clock
}

/** The world that this database holds, or holds from now on, and when it began. */
export async function worldFor(
  db: Db,
  options: Options,
  platforms: readonly Platform[],
  clock: WorldClock,
): Promise<{ readonly world: World; readonly startedAt: Date }> {
  await db.rows(sql`update local_cloud set started_at = app_now() where started_at is null`)
  const [row] = await db.rows<{ started_at: Date }>(sql`select started_at from local_cloud`)
  await sameWorld(db, options)
  const startedAt = row?.started_at ?? clock.now()
  const asOf = () => (options.at ? clock.now() : null)
  const world = options.dataset
    ? worldOf(`recorded dataset ${options.dataset}`, await readDataset(options.dataset, platforms), asOf)
    : generatedWorld('social-sync', startedAt, () => clock.now())
  return { world, startedAt }
}

/** A database holds one world: another one would make its accounts disappear. */
async function sameWorld(db: Db, { dataset, at }: Options): Promise<void> {
  const wanted = dataset
    ? `the dataset in ${resolve(dataset)}${at ? ' as of its clock' : ''}`
    : `the generated world${at ? ' begun at a given time' : ''}`
  const [row] = await db.rows<{ world: string }>(sql`
    update local_cloud set world = coalesce(world, ${wanted}) returning world`)
  if (row && row.world !== wanted) {
    throw new UserError(`this database holds ${row.world}, not ${wanted}; start again with --fresh`)
  }
}

/** The simulated provider's jobs live as long as the world in this database does; `--fresh` begins another one. */
export async function mlJournal(db: Db, { folder, options }: Start): Promise<string> {
  const earlier = options.fresh ? readdirSync(folder).filter((name) => /^ml-jobs-.*\.jsonl$/.test(name)) : []
  for (const name of earlier) rmSync(join(folder, name))
  const [row] = await db.rows<{ name: string }>(sql`
    select to_char(started_at at time zone 'UTC', 'YYYYMMDD"T"HH24MISSUS') as name from local_cloud`)
  return join(folder, `ml-jobs-${row?.name ?? 'new'}.jsonl`)
}
