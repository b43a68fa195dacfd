import { join } from 'node:path'
import { countDays } from '#shared/db/operations/count-days.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { messageOf } from '#shared/errors.ts'
import type { Platform } from '#shared/model/account.ts'
import { platformNames, platformOf } from '#shared/platforms/index.ts'
import { openSimulators, pictureEnv, registerRedirects, type Simulators, simulatorEnv } from './cloud.ts'
import { builtConsole, consoleUrl } from './console.ts'
import { claimDatabase, type LocalDatabase, openDatabase } from './database.ts'
import type { Driven } from './driven.ts'
import { openDriven } from './drivers/open.ts'
import { followWorld } from './follow.ts'
import { freePort } from './free-port.ts'
import { openGateway } from './gateway.ts'
import { mlEnv, openReader } from './ml-server/reader.ts'
import type { MlServer } from './ml-server/start.ts'
import { openStores } from './open-stores.ts'
import type { Options } from './options.ts'
import { queueFromEnvironment } from './queue-setting.ts'
import { type RunOptions, runAlive, runOnce, shortfall } from './run.ts'
import { mlJournal, openClock, worldFor } from './simulated-world.ts'
import { type Detail, nothing, readStanding } from './standing.ts'
import type { Outcome, Start } from './start.ts'
import { writeState } from './state.ts'
import { switchFaults } from './switch-faults.ts'
import { frameText, progressLine } from './view/frame.ts'
import { nextSteps, readSample, resultText } from './view/result.ts'
import type { World } from './world/world.ts'
import type { WorldClock } from './world-clock.ts'

/** The world that is simulated, over its database. */
interface Simulated {
  readonly database: LocalDatabase
  readonly db: Db
  readonly clock: WorldClock
  readonly world: World
  readonly startedAt: Date
  readonly platforms: readonly Platform[]
  readonly simulators: Simulators
  /** Who looks for real; undefined: the simulated provider does everything. */
  readonly reader: MlServer | undefined
  /** Settings of where raw answers and short-lived state lie. */
  readonly stores: Readonly<Record<string, string>>
}

/** The whole product over simulated platforms: once, or until the signal is given. */
export async function startSimulated(start: Start): Promise<Outcome> {
  const { options, closers, signal } = start
  const simulated = await openWorld(start)
  const { db, clock, platforms } = simulated
  const port = await freePort(options.port)
  const cloud = await openCloudOver(start, simulated, `http://127.0.0.1:${port}`)
  const gateway = await openGateway(port, (event) => cloud.triggers.call('sync', event))
  registerRedirects(simulated.simulators, gateway.url)
  closers.gently(() => gateway.close())
  await announce(start, simulated, gateway.url)
  await cloud.triggers.tick('maintain')
  await switchFaults(options.fault, addressesOf(simulated.simulators))

  const onProgress = shows(start, simulated, gateway.url)
  const run = { db, cloud, clock, platforms, signal, onProgress, atWork: simulated.reader?.waiting }
  const since = clock.now()
  const sayResult = () => result(start, db, options.once ? null : gateway.url)
  // Numbers by day of what was just read, before its timer does it.
  const count = () => countDays(db, timeZone(), signal)
  try {
    if (options.once) {
      await runOnce({ ...run, since })
      await count()
    } else {
      const onFirstSync = () => count().then(sayResult)
      await runAlive({ ...run, speed: () => speedOf(options, simulated), onFirstSync })
    }
  } catch (error) {
    return { standing: await readStanding(db).catch(() => nothing), fault: messageOf(error) }
  }
  return finish(start, run, since, sayResult)
}

/** In which days of the world begin, as `maintain` has it. */
const timeZone = () => process.env['REPORT_TIME_ZONE'] ?? 'UTC'

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
  const platforms: readonly Platform[] = options.platform ? [options.platform] : platformNames
  const { world, startedAt } = await worldFor(db, options, platforms, clock)
  const simulators = await openSimulators(world, clock, {
    ml: { journal: await mlJournal(db, start), fetches: true },
  })
  closers.gently(() => simulators.close())
  await followWorld(db, world, platforms, simulators, start.state.credentials_key)
  // A world that lives is looked at more often than the usual once a day.
  await db.rows(sql`update accounts set sync_every = interval '3 hours' where sync_every = interval '1 day'`)
  const stores = await openStores(start, () => clock.now())
  const reader = await openReader(start)
  return { database, db, clock, world, startedAt, platforms, simulators, reader, stores }
}

async function openCloudOver(
  { folder, state, screen, closers, options }: Start,
  { database, db, clock, simulators, reader, stores }: Simulated,
  url: string,
): Promise<Driven> {
  const driven = await openDriven(
    options.driver,
    {
      db,
      clock,
      folder,
      databaseUrl: database.url,
      apiKey: state.api_key,
      credentialsKey: state.credentials_key,
      env: {
        ...simulatorEnv(simulators),
        ...mlEnv(options, reader),
        ...pictureEnv(simulators, url, state.credentials_key),
        ...stores,
        CONSOLE_FOLDER: await builtConsole(folder),
        REPORT_TIME_ZONE: timeZone(),
      },
      queue: queueFromEnvironment(process.env),
      onFailure: (name, error) => screen.say(`${name} failed, and is called again: ${messageOf(error)}`),
    },
    process.env,
    screen.say,
  )
  closers.gently(() => driven.close())
  return driven
}

const addressesOf = ({ youtube, instagram, tiktok, telegram, ml }: Simulators) => ({
  youtube: youtube.url,
  instagram: instagram.url,
  tiktok: tiktok.url,
  telegram: telegram.url,
  ml: ml.url,
})

/** Says where everything is, to people and in the state file. */
async function announce({ folder, state, screen }: Start, simulated: Simulated, url: string): Promise<void> {
  const { database, world, clock, simulators, platforms } = simulated
  writeState(folder, {
    ...state,
    url,
    database_url: database.url,
    read_url: database.readUrl,
    data_folder: database.dataFolder,
    simulators: addressesOf(simulators),
  })
  const accounts = platforms.map(
    (platform) => `${world.accounts(platform).length} on ${platformOf(platform).title}`,
  )
  screen.say(`${world.name}, accounts: ${accounts.join(', ')}, its clock at ${clock.now().toISOString()}`)
  screen.say(`HTTP API at ${url}, its key in ${join('.local', 'state.json')}; the console opens with it:`)
  screen.say(consoleUrl(url, state.api_key))
}

/** A new world is hurried through its first days, so that there is a history to look at within minutes. */
function speedOf({ clock: given }: Options, { clock, startedAt, reader }: Simulated): number {
  const isYoung = clock.now().getTime() < startedAt.getTime() + 3 * 86_400_000
  // What really looks takes its time, by which jobs must not grow too old.
  return given ?? (isYoung && !reader ? 10_000 : 600)
}

function shows({ options, screen }: Start, simulated: Simulated, url: string) {
  const { world, clock } = simulated
  return (detail: Detail) => {
    const time = clock.now()
    const speed = options.once ? 1 : speedOf(options, simulated)
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
