import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Db, openPool } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import type { Platform } from '#shared/model/account.ts'
import type { QueueOptions } from '#shared/queue/sqs.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { type CloudOptions, openSimulators, simulatorEnv } from '../../local/cloud.ts'
import { type DriverName, openDriven } from '../../local/drivers/open.ts'
import { consent, followWorld } from '../../local/follow.ts'
import { followThrough, runOnce } from '../../local/run.ts'
import type { InstagramSimulatorOptions } from '../../local/simulators/instagram/server.ts'
import type { MlSimulatorOptions } from '../../local/simulators/ml/job.ts'
import type { TiktokSimulatorOptions } from '../../local/simulators/tiktok/server.ts'
import type { YoutubeLimits } from '../../local/simulators/youtube/quota.ts'
import { observationsAt } from '../../local/world/generated.ts'
import { type Observation, type World, worldOf } from '../../local/world/world.ts'
import { openTestDatabase } from './database.ts'
import { roleOf, urlOf } from './roles.ts'
import { runUntil } from './run-until.ts'

export interface TestWorldOptions {
  readonly observations?: readonly Observation[]
  /** A world of the test's own, over its clock, in place of observations. */
  readonly worldAt?: (now: () => Date) => World
  readonly ml?: Partial<MlSimulatorOptions>
  readonly asOfClock?: boolean
  /** Platforms whose accounts are followed; YouTube when absent. */
  readonly platforms?: readonly Platform[]
  readonly youtube?: Partial<YoutubeLimits>
  readonly instagram?: Partial<InstagramSimulatorOptions>
  readonly tiktok?: Partial<TiktokSimulatorOptions>
  /** A queue server of the test's own; absent: the embedded one. */
  readonly queue?: QueueOptions
  /** What drives the work, and where its server is; absent: functions. */
  readonly driver?: { readonly name: DriverName; readonly env: Readonly<Record<string, string>> }
  /** How the work reaches the database; the test itself asks it directly. */
  readonly databaseVia?: (url: string) => Promise<string>
  /** undefined: the setting is taken away. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

const usualStart = new Date('2026-11-01T00:00:00Z')
const known = new Map<number, Observation[]>()
/** The generated world of the tests at a time, worked out once. */
function testsAt(start: Date): Observation[] {
  const made = known.get(start.getTime()) ?? observationsAt('tests', start)
  known.set(start.getTime(), made)
  return made
}

/** A few accounts of the generated world. */
export function fewAccounts(count: number, start = usualStart): Observation[] {
  const all = testsAt(start)
  const kept = new Set(
    all
      .filter((line) => line.kind === 'profile')
      .map((line) => line.account)
      .slice(0, count),
  )
  return all.filter((line) => kept.has(line.account))
}

/** A few accounts, of each so many posts. */
export function fewPosts(accounts: number, posts: number): Observation[] {
  const left = new Map<string, number>()
  return fewAccounts(accounts).filter(({ kind, account }) => {
    if (kind !== 'post') return true
    const taken = left.get(account) ?? 0
    left.set(account, taken + 1)
    return taken < posts
  })
}

/** The account of the generated world with the most posts: its listing has several pages. */
export function largestAccount(start = usualStart): Observation[] {
  const accounts = Map.groupBy(testsAt(start), (line) => line.account)
  return [...accounts.values()].sort((a, b) => b.length - a.length)[0] ?? []
}

const steady = { failing: 0, refusing: 0, losing: 0 }
const quick = (key: string) => 60_000 * (1 + (key.charCodeAt(0) % 7))

/** The functions of all clouds of a world share the connections of their role: each new one loads the catalog again. */
function openSharedPools(urlFor: (name: string) => string): (name: string) => Db {
  const pools = new Map<string, Db>()
  onTestFinished(async () => void (await Promise.all([...pools.values()].map((pool) => pool.end()))))
  return (name) => {
    const url = urlFor(name)
    const pool = pools.get(url) ?? openPool({ url, max: 6 })
    pools.set(url, pool)
    return { ...pool, end: async () => undefined }
  }
}

/** A world with a database, clock and simulators of its own, in which clouds are opened, killed and opened again. */
export async function openTestWorld(options: TestWorldOptions = {}) {
  const { db, url, clock } = await openTestDatabase()
  const observations = options.observations ?? fewAccounts(3)
  const world =
    options.worldAt?.(() => clock.now()) ??
    worldOf('test world', observations, () => (options.asOfClock ? clock.now() : null))
  const simulators = await openSimulators(world, clock, {
    ml: { ...steady, durationMs: quick, ...options.ml },
    ...(options.youtube ? { youtube: options.youtube } : {}),
    ...(options.instagram ? { instagram: options.instagram } : {}),
    ...(options.tiktok ? { tiktok: options.tiktok } : {}),
  })
  const platforms = options.platforms ?? (['youtube'] as const)
  const credentialsKey = Buffer.alloc(32, 7).toString('base64')
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-test-'))
  onTestFinished(async () => {
    await simulators.close()
    rmSync(folder, { recursive: true, force: true })
  })
  await followWorld(db, world, platforms, simulators, credentialsKey)
  const failures: { name: string; error: unknown }[] = []
  const workUrl = (await options.databaseVia?.(url)) ?? url
  const urlFor = (name: string) => (name === 'maintain' ? workUrl : urlOf(workUrl, roleOf(name)))
  const pools = openSharedPools(urlFor)
  const open = async (
    change?: CloudOptions['change'],
    env: Readonly<Record<string, string>> = {},
    driver = options.driver,
  ) => {
    const cloud = await openDriven(
      driver?.name ?? 'functions',
      {
        db,
        databaseUrl: workUrl,
        // As in the cloud: no function but maintain owns the tables.
        urlOf: urlFor,
        clock,
        folder,
        apiKey: 'k'.repeat(32),
        credentialsKey: 'CREDENTIALS_KEY' in (options.env ?? {}) ? undefined : credentialsKey,
        queue: options.queue,
        env: Object.fromEntries(
          Object.entries({
            ...simulatorEnv(simulators),
            ...(options.env && 'ML_URL' in options.env ? { ML_PROVIDERS: undefined } : {}),
            LOG_LEVEL: 'error',
            ...options.env,
            ...env,
          }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
        ),
        onFailure: (name, error) => void failures.push({ name, error }),
        change: (name, ports) => {
          const pooled = name === 'maintain' ? ports : { ...ports, db: pools(name) }
          return change?.(name, pooled) ?? pooled
        },
      },
      driver?.env ?? {},
    )
    const run = {
      db,
      cloud,
      clock,
      platforms,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    }
    return {
      cloud,
      runOnce: () => runOnce(run),
      runUntil: (end: Date, maintainHours?: number) => runUntil(run, end, maintainHours),
      followThrough: () => followThrough(run),
      close: () => cloud.close(),
    }
  }
  /** Opens a cloud, uses it, closes it. */
  const within = async <T>(use: (opened: Awaited<ReturnType<typeof open>>) => Promise<T>): Promise<T> => {
    const opened = await open()
    try {
      return await use(opened)
    } finally {
      await opened.close()
    }
  }
  return {
    /** The environment of a worker that is a process of its own. */
    workerEnv: {
      ...simulatorEnv(simulators),
      ...{ DATABASE_URL: urlFor('worker'), OWNER_DATABASE_URL: workUrl, CREDENTIALS_KEY: credentialsKey },
      ...options.driver?.env,
    },
    db,
    url,
    clock,
    world,
    simulators,
    failures,
    open,
    within,
    /** Lines of the functions' log that hold the text. */
    logged: (text: string) =>
      readFileSync(join(folder, 'functions.log'), 'utf8')
        .split('\n')
        .filter((line) => line.includes(text)),
    /** The owner of an account grants access again. */
    consent: (native_id: string) =>
      db.transaction(async (tx) => {
        const [account] = await tx.rows<{ id: string; platform: Platform }>(
          sql`select id, platform from accounts where native_id = ${native_id}`,
        )
        if (!account) throw new Error(`${native_id} is not followed`)
        await consent(tx, { ...account, native_id }, simulators, credentialsKey)
      }),
    syncAll: () => within((opened) => opened.runOnce()),
  }
}

export type TestWorld = Awaited<ReturnType<typeof openTestWorld>>
export type Change = (name: string, ports: Ports) => Ports
