import { setTimeout as after } from 'node:timers/promises'
import { Started, SyncView } from '#functions/sync/api/sync.ts'
import { makePartitions, migrate } from '#shared/db/migrate.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { messageOf } from '#shared/errors.ts'
import { wholeName } from './cli/account-name.ts'
import { type Client, clientOf, Unavailable } from './cli/client.ts'
import type { Sync } from './cli/views/syncs.ts'
import { builtConsole, consoleUrl } from './console.ts'
import { claimRealDatabase, openDatabase } from './database.ts'
import type { Driven } from './driven.ts'
import { openDriven } from './drivers/open.ts'
import { freePort } from './free-port.ts'
import { type Gateway, openGateway } from './gateway.ts'
import { giveTokens, liveEnv, platformsOf } from './live.ts'
import { queueFromEnvironment } from './queue-setting.ts'
import { runAlive } from './run.ts'
import { type Detail, readStanding } from './standing.ts'
import type { Outcome, Start } from './start.ts'
import { writeState } from './state.ts'
import { UserError } from './user-error.ts'
import { frameText, progressLine } from './view/frame.ts'
import { readSample, resultText } from './view/result.ts'
import type { WorldClock } from './world-clock.ts'

/** With real platforms the clock is never replaced. */
const realClock: WorldClock = { now: () => new Date(), jumpTo: async () => undefined }

/**
 * Syncs real accounts into a database of their own and keeps following them: the same functions on this machine, over
 * the platforms themselves. Throws a UserError in one line when a platform cannot be reached or refuses the key.
 */
export async function startReal(start: Start): Promise<Outcome> {
  const { options, folder, state, screen, closers, signal } = start
  const env = liveEnv(options.live, process.env)
  const database = await openDatabase(folder, process.env['DATABASE_URL'], 'social_sync_live')
  closers.lastly(() => database.close())
  const db = await claimRealDatabase(database.url)
  closers.gently(() => db.end())
  await migrate(db)
  await makePartitions(db)
  const cloud = await openDrivenOver(
    start,
    db,
    { ...env, CONSOLE_FOLDER: await builtConsole(folder) },
    database.url,
  )
  closers.gently(() => cloud.close())
  const gateway = await openGateway(await freePort(options.port), (event) =>
    cloud.triggers.call('sync', event),
  )
  closers.gently(() => gateway.close())
  writeState(folder, {
    ...state,
    url: gateway.url,
    database_url: database.url,
    read_url: database.readUrl,
    data_folder: database.dataFolder,
  })
  screen.say(`Console at ${consoleUrl(gateway.url, state.api_key)}`)
  screen.say(
    `${database.label}\nreal platforms${env['ML_URL'] ? '' : ', no ML provider (set ML_URL for one)'}`,
  )

  const show = (detail: Detail) => {
    const facts = { name: 'real platforms', time: new Date(), speed: 1, url: gateway.url }
    screen.show({ frame: () => frameText(detail, facts), line: progressLine(detail, facts.time) })
  }
  // Timers run from the start: what the first sync has to wait for comes due by them.
  const stop = new AbortController()
  signal.addEventListener('abort', () => stop.abort())
  const run = {
    db,
    cloud,
    clock: realClock,
    platforms: platformsOf(options.live),
    signal: stop.signal,
    onProgress: show,
  }
  const alive = runAlive({ ...run, speed: () => 1, onFirstSync: async () => undefined })
  try {
    for (const account of options.live) {
      await giveTokens(gateway.url, state.api_key, db, account, process.env)
      await syncFirst(start, db, gateway, account)
    }
    if (!options.json) await sayResult(start, db)
    if (options.once) stop.abort()
  } catch (error) {
    stop.abort()
    throw error
  } finally {
    await alive
  }
  return { standing: await readStanding(db), fault: null }
}

const openDrivenOver = (
  { options, folder, state, screen }: Start,
  db: Db,
  env: Readonly<Record<string, string>>,
  databaseUrl: string,
): Promise<Driven> =>
  openDriven(
    options.driver,
    {
      ...{ db, env, folder, databaseUrl, clock: realClock },
      ...{ apiKey: state.api_key, credentialsKey: state.credentials_key },
      queue: queueFromEnvironment(process.env),
      onFailure: (name, error) => screen.say(`${name} failed, and is called again: ${messageOf(error)}`),
    },
    process.env,
    screen.say,
  )

async function sayResult({ screen }: Start, db: Db): Promise<void> {
  const steps = [
    ['look at the rows', `psql "$(node -p "require('./.local/state.json').database_url")"`],
    ['follow another one', 'npm start -- --live youtube:@handle'],
  ]
  screen.say(resultText(await readStanding(db), await readSample(db), steps))
}

/** A fault that the person at the terminal can mend: no network from the start, a key refused. Others pass by themselves. */
function isHopeless({ status, reason, pages }: Sync['tasks'][number]): boolean {
  if (status === 'failed' || status === 'cancelled') return true
  if (status !== 'waiting') return false
  return (
    reason === 'credential' ||
    reason === 'token' ||
    (reason === 'unreachable' && pages.stored + pages.transformed === 0)
  )
}

/** Asks for the first sync of an account over the HTTP API, as anybody would, and follows it until it is read. */
async function syncFirst({ state, signal }: Start, db: Db, gateway: Gateway, account: string): Promise<void> {
  const client = clientOf({ url: gateway.url, key: state.api_key })
  const { id } = await client.ask('POST', '/v1/syncs', Started, wholeName(account)).catch((error) => {
    throw new UserError(`${account} cannot be synced: ${messageOf(error)}`)
  })
  while (!signal.aborted) {
    const [task] = await tasksOf(client, id)
    if (task && isHopeless(task)) {
      await requireActive(db, id, account)
      throw new UserError(`${account}: ${task.last_error ?? task.status}`)
    }
    if (task && ['enriching', 'done'].includes(task.status)) return requireActive(db, id, account)
    await after(250)
  }
}

/** None while the API is in trouble: it is asked again. */
async function tasksOf(client: Client, id: string): Promise<Sync['tasks']> {
  try {
    return (await client.ask('GET', `/v1/syncs/${id}`, SyncView)).tasks
  } catch (error) {
    if (error instanceof Unavailable) return []
    throw error
  }
}

/** Throws a UserError unless the account is active. */
async function requireActive(db: Db, jobId: string, account: string): Promise<void> {
  const [row] = await db.rows<{ status: string; status_reason: string | null }>(sql`
    select a.status, a.status_reason from sync_job_tasks jt join sync_tasks t on t.id = jt.sync_task_id
    join accounts a on a.id = t.account_id where jt.sync_job_id = ${jobId}`)
  if (row && row.status !== 'active') throw new UserError(`${account}: ${row.status_reason ?? row.status}`)
}
