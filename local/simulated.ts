import { readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makePartitions, migrate } from '#shared/db/migrate.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { messageOf } from '#shared/errors.ts'
import type { Platform } from '#shared/model/account.ts'
import { type Cloud, openCloud, openSimulators, type Simulators, simulatorEnv } from './cloud.ts'
import { claimDatabase, type LocalDatabase, openDatabase } from './database.ts'
import { followWorld } from './follow.ts'
import { openGateway } from './gateway.ts'
import type { Options } from './options.ts'
import { freePort } from './postgres/server.ts'
import { queueFromEnvironment } from './queue-setting.ts'
import { type RunOptions, runAlive, runOnce, shortfall } from './run.ts'
import { type Detail, nothing, readStanding } from './standing.ts'
import type { Outcome, Start } from './start.ts'
import { writeState } from './state.ts'
import { switchFaults } from './switch-faults.ts'
import { UserError } from './user-error.ts'
import { frameText, progressLine } from './view/frame.ts'
import { nextSteps, readSample, resultText } from './view/result.ts'
import { readDataset } from './world/dataset.ts'
import { generatedWorld } from './world/generated.ts'
import { type World, worldOf } from './world/world.ts'
import { openWorldClock, type WorldClock } from './world-clock.ts'

const names = { youtube: 'YouTube', instagram: 'Instagram', tiktok: 'TikTok' } as const
/** What a run without `--platform` serves. */
const usual: readonly Platform[] = ['youtube', 'instagram', 'tiktok']

/** The world that is simulated, over its database. */
interface Simulated {
  readonly database: LocalDatabase
  readonly db: Db
  readonly clock: WorldClock
  readonly world: World
  readonly platforms: readonly Platform[]
  readonly simulators: Simulators
}

/** The whole product over simulated platforms: once, or until the signal is given. */
export async function startSimulated(start: Start): Promise<Outcome> {
  const { options, closers, signal } = start
  const simulated = await openWorld(start)
  const { db, clock, platforms } = simulated
  const cloud = await openCloudOver(start, simulated)
  const gateway = await openGateway(await freePort(options.port), (event) =>
    cloud.triggers.call('sync', event),
  )
  closers.gently(() => gateway.close())
  await tell(start, simulated, gateway.url)
  await cloud.triggers.tick('maintain')
  await switchFaults(options.fault, addressesOf(simulated.simulators))

  const onProgress = shows(start, simulated, gateway.url)
  const run = { db, cloud, clock, platforms, signal, onProgress }
  const since = clock.now()
  const sayResult = () => result(start, db, options.once ? null : gateway.url)
  try {
    if (options.once) await runOnce(run)
    else await runAlive({ ...run, speed: options.clock, onFirstSync: sayResult })
  } catch (error) {
    return { standing: await readStanding(db).catch(() => nothing), fault: messageOf(error) }
  }
  return finish(start, run, since, sayResult)
}

async function finish(
  { options }: Start,
  run: RunOptions,
  since: Date,
  sayResult: () => Promise<void>,
): Promise<Outcome> {
  const standing = await readStanding(run.db)
  if (!options.once) return { standing, fault: null }
  if (!options.json) await sayResult()
  return { standing, fault: await shortfall(run, since) }
}

async function openWorld(start: Start): Promise<Simulated> {
  const { options, folder, closers, screen } = start
  const database = await openDatabase(folder, process.env['DATABASE_URL'], 'social_sync')
  closers.lastly(() => database.close())
  screen.say(database.label)
  const db = await claimDatabase(database.url, options.fresh)
  closers.gently(() => db.end())
  const clock = await openClock(db, options)
  const platforms: readonly Platform[] = options.platform ? [options.platform] : usual
  const world = await worldFor(db, options, platforms, clock)
  const simulators = await openSimulators(world, clock, { ml: { journal: await mlJournal(db, start) } })
  closers.gently(() => simulators.close())
  await followWorld(db, world, platforms, simulators, start.state.credentials_key)
  // A world that lives is looked at more often than the usual once a day.
  await db.rows(sql`update accounts set sync_every = interval '3 hours' where sync_every = interval '1 day'`)
  return { database, db, clock, world, platforms, simulators }
}

async function openCloudOver(
  { folder, state, screen, closers }: Start,
  { database, db, clock, simulators }: Simulated,
): Promise<Cloud> {
  const cloud = await openCloud({
    db,
    clock,
    folder,
    databaseUrl: database.url,
    apiKey: state.api_key,
    credentialsKey: state.credentials_key,
    env: simulatorEnv(simulators),
    queue: queueFromEnvironment(process.env),
    onFailure: (name, error) =>
      screen.say(`${name} failed, its trigger will call again: ${messageOf(error)}`),
  })
  closers.gently(() => cloud.close())
  return cloud
}

const addressesOf = ({ youtube, instagram, tiktok, ml }: Simulators) => ({
  youtube: youtube.url,
  instagram: instagram.url,
  tiktok: tiktok.url,
  ml: ml.url,
})

/** Says where everything is, to people and in the state file. */
async function tell({ folder, state, screen }: Start, simulated: Simulated, url: string): Promise<void> {
  const { database, world, clock, simulators, platforms } = simulated
  writeState(folder, {
    ...state,
    url,
    database_url: database.url,
    data_folder: database.dataFolder,
    simulators: addressesOf(simulators),
  })
  const accounts = platforms.map((platform) => `${world.accounts(platform).length} on ${names[platform]}`)
  screen.say(`${world.name}, accounts: ${accounts.join(', ')}, its clock at ${clock.now().toISOString()}`)
  screen.say(`HTTP API at ${url}, its key in ${join('.local', 'state.json')}`)
}

function shows({ options, screen }: Start, { world, clock }: Simulated, url: string) {
  const speed = options.once ? 1 : options.clock
  return (detail: Detail) => {
    const time = clock.now()
    screen.show({
      frame: () => frameText(detail, { name: world.name, time, speed, url }),
      line: progressLine(detail, time),
    })
  }
}

async function result({ screen }: Start, db: Db, url: string | null): Promise<void> {
  const steps = nextSteps(url, Boolean(process.env['DATABASE_URL']))
  screen.say(resultText(await readStanding(db), await readSample(db), steps))
}

/** The schema, and the clock of the world: a new one begins at `--at` or now, an old one goes on. */
async function openClock(db: Db, options: Options): Promise<WorldClock> {
  await migrate(db)
  const clock = await openWorldClock(db, options.at)
  await makePartitions(db)
  return clock
}

async function worldFor(
  db: Db,
  options: Options,
  platforms: readonly Platform[],
  clock: WorldClock,
): Promise<World> {
  await db.rows(sql`update local_cloud set started_at = app_now() where started_at is null`)
  const [row] = await db.rows<{ started_at: Date }>(sql`select started_at from local_cloud`)
  await sameWorld(db, options)
  if (options.dataset) {
    const asOf = () => (options.at ? clock.now() : null)
    return worldOf(`recorded dataset ${options.dataset}`, await readDataset(options.dataset, platforms), asOf)
  }
  return generatedWorld('social-sync', row?.started_at ?? clock.now(), () => clock.now())
}

/** A database holds one world: another one would make its accounts disappear. */
async function sameWorld(db: Db, { dataset, at }: Options): Promise<void> {
  const wanted = dataset
    ? `the dataset in ${resolve(dataset)}${at ? ' as of its clock' : ''}`
    : `the generated world${at ? ' begun at a given time' : ''}`
  const [row] = await db.rows<{ world: string }>(sql`
    update local_cloud set world = coalesce(world, ${wanted}) returning world`)
  if (row && row.world !== wanted) {
    throw new UserError(`this database holds ${row.world}, not ${wanted}; begin anew with --fresh`)
  }
}

/** The simulated provider's jobs live as long as the world in this database does; `--fresh` begins another one. */
async function mlJournal(db: Db, { folder, options }: Start): Promise<string> {
  const earlier = options.fresh ? readdirSync(folder).filter((name) => /^ml-jobs-.*\.jsonl$/.test(name)) : []
  for (const name of earlier) rmSync(join(folder, name))
  const [row] = await db.rows<{ name: string }>(sql`
    select to_char(started_at at time zone 'UTC', 'YYYYMMDD"T"HH24MISSUS') as name from local_cloud`)
  return join(folder, `ml-jobs-${row?.name ?? 'new'}.jsonl`)
}
