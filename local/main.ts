import { readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makePartitions, migrate } from '#shared/db/migrate.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import type { Platform } from '#shared/model/account.ts'
import { followWorld, openCloud, openSimulators } from './cloud.ts'
import { claimDatabase, openDatabase } from './database.ts'
import { openGateway } from './gateway.ts'
import { help, type Options, readOptions } from './options.ts'
import { freePort } from './postgres/server.ts'
import { queueFromEnvironment } from './queue-setting.ts'
import { progressLine, resultText } from './report.ts'
import { runAlive, runOnce, shortfall } from './run.ts'
import { readStanding, type Standing } from './standing.ts'
import { takeFolder, writeState } from './state.ts'
import { UserError } from './user-error.ts'
import { readDataset } from './world/dataset.ts'
import { generatedWorld } from './world/generated.ts'
import { type World, worldOf } from './world/world.ts'
import { openWorldClock, type WorldClock } from './world-clock.ts'

const folder = join(process.cwd(), '.local')
type Closers = (() => Promise<void>)[]
/** What waits for work under way to end. */
const gently: Closers = []
/** What must be closed in any case: the database server, and the folder given back. */
const lastly: Closers = []
const interrupted = new AbortController()

/** Where things stood last, for the result of a run that fails. */
let known: Standing = {
  accounts: 0,
  posts: 0,
  post_metrics: 0,
  profile_metrics: 0,
  annotations: 0,
  quarantined: 0,
  ml_jobs: { done: 0, failed: 0, expired: 0, open: 0 },
  parked: 0,
  tasks: {},
}

/** Whatever has been opened is closed, the newest first. */
async function closeAll(closers: Closers): Promise<void> {
  for (const close of closers.splice(0).reverse()) {
    await close().catch((error: unknown) => process.stderr.write(`while closing: ${error}\n`))
  }
}

/** The first Ctrl-C ends the run when the functions under way are done, the second one at once. */
function interrupt(): void {
  if (!interrupted.signal.aborted) interrupted.abort()
  else void closeAll(lastly).finally(() => process.exit(130))
}

/** Starts everything and runs; returns why the run is not complete, or null. */
async function start(options: Options, say: (line: string) => void): Promise<string | null> {
  const state = await takeFolder(folder)
  lastly.push(async () => writeState(folder, { ...state, pid: null, url: null }))
  const database = await openDatabase(folder, process.env['DATABASE_URL'])
  lastly.push(() => database.close())
  say(database.label)
  const db = await claimDatabase(database.url, options.fresh)
  gently.push(() => db.end())
  const clock = await openWorld(db, options)
  const platforms: Platform[] = [options.platform ?? 'youtube']
  const world = await worldFor(db, options, platforms, clock)
  say(
    `${world.name}, ${world.accounts('youtube').length} YouTube accounts, its clock at ${clock.now().toISOString()}`,
  )
  await followWorld(db, world, platforms)

  const simulators = await openSimulators(world, clock, { journal: await mlJournal(db, options) })
  gently.push(async () => void (await Promise.all([simulators.youtube.close(), simulators.ml.close()])))
  const cloud = await openCloud({
    db,
    clock,
    simulators,
    folder,
    databaseUrl: database.url,
    apiKey: state.api_key,
    queue: queueFromEnvironment(process.env),
    onFailure: (name, error) =>
      say(`${name} failed, its trigger will call again: ${error instanceof Error ? error.message : error}`),
  })
  gently.push(() => cloud.close())
  await cloud.triggers.tick('maintain')
  const gateway = await openGateway(await freePort(options.port), (event) =>
    cloud.triggers.call('sync', event),
  )
  gently.push(() => gateway.close())
  writeState(folder, {
    ...state,
    url: gateway.url,
    database_url: database.url,
    data_folder: database.dataFolder,
  })
  say(`HTTP API at ${gateway.url}, its key in ${join('.local', 'state.json')}`)

  const run = { db, cloud, clock, platforms, signal: interrupted.signal, onProgress: progress(say, clock) }
  const since = clock.now()
  try {
    if (!options.once) await runAlive({ ...run, speed: options.clock })
    else await runOnce(run)
  } finally {
    known = await readStanding(db).catch(() => known)
  }
  if (!options.json) say(resultText(known, process.env['DATABASE_URL'] ? database.url : null))
  return options.once ? shortfall(run, since) : null
}

/** The schema, and the clock of the world: a new one begins at `--at` or now, an old one goes on. */
async function openWorld(db: Db, options: Options): Promise<WorldClock> {
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

/** The simulated provider's jobs live as long as the world in this database does; `--fresh` begins another one. */
async function mlJournal(db: Db, { fresh }: Options): Promise<string> {
  const earlier = fresh ? readdirSync(folder).filter((name) => /^ml-jobs-.*\.jsonl$/.test(name)) : []
  for (const name of earlier) rmSync(join(folder, name))
  const [row] = await db.rows<{ name: string }>(sql`
    select to_char(started_at at time zone 'UTC', 'YYYYMMDD"T"HH24MISSUS') as name from local_cloud`)
  return join(folder, `ml-jobs-${row?.name ?? 'new'}.jsonl`)
}

/** A database holds one world: another one would make its accounts disappear. */
async function sameWorld(db: Db, { dataset, at }: Options): Promise<void> {
  const wanted = `${dataset ? `the dataset in ${resolve(dataset)}` : 'the generated world'}${at ? ' as of its clock' : ''}`
  const [row] = await db.rows<{ world: string }>(sql`
    update local_cloud set world = coalesce(world, ${wanted}) returning world`)
  if (row && row.world !== wanted) {
    throw new UserError(`this database holds ${row.world}, not ${wanted}; begin anew with --fresh`)
  }
}

/** At most a line a second, and none that says nothing new. */
function progress(say: (line: string) => void, clock: WorldClock) {
  let before = ''
  return (standing: Standing) => {
    const { tasks, posts, ml_jobs } = standing
    const now = JSON.stringify([tasks, posts, ml_jobs])
    if (now !== before) say(progressLine(standing, clock.now()))
    before = now
  }
}

async function closingAfter<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    await closeAll(gently)
    await closeAll(lastly)
  }
}

async function main(): Promise<number> {
  const wantsJson = process.argv.includes('--json')
  const say = (line: string) => (wantsJson ? process.stderr : process.stdout).write(`${line}\n`)
  try {
    const options = readOptions(process.argv.slice(2))
    if (options.help) {
      process.stdout.write(help)
      return 0
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
    const fault = await closingAfter(() => start(options, say))
    if (fault) process.stderr.write(`${fault}\n`)
    if (wantsJson) process.stdout.write(`${JSON.stringify({ ...known, error: fault })}\n`)
    return fault ? 1 : 0
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(`${error instanceof UserError ? message : (error as Error).stack}\n`)
    if (wantsJson) process.stdout.write(`${JSON.stringify({ ...known, error: message })}\n`)
    return error instanceof UserError ? 2 : 1
  }
}

// Nothing that was left half open by a failure keeps the process alive.
process.exit(await main())
