import { setTimeout as after } from 'node:timers/promises'
import type { Hono } from 'hono'
import type { ApiDeps } from '#functions/sync/deps.ts'
import type { Db } from '#shared/db/pool.ts'
import { dueTasks, type TaskRef, tasksById, tasksOfSyncs } from '#shared/db/views/task-progress.ts'
import type { Platform } from '#shared/model/account.ts'
import { platformNames } from '#shared/platforms/index.ts'
import type { Logger } from '#shared/telemetry/logger.ts'
import type { Core } from './core.ts'

/** What an orchestrator does about tasks. Each may be called twice: a task has one follower. */
export interface Follower {
  /** These tasks have something to do now: begins to follow those that it does not follow, and wakes the others. */
  rouse(tasks: readonly TaskRef[]): Promise<void>
  /** These tasks were ended by others: whatever waits for them looks again. */
  ended(taskIds: readonly string[]): Promise<void>
}

/** Of an orchestrator, what the API takes. */
export interface ForApi {
  readonly follower: Follower
  /** Has a worker transform what is stored. */
  transformDue(): Promise<void>
  /** Pages of the orchestrator, for those whose key may do everything. */
  readonly board?: (isAllowed: (key: string) => Promise<boolean>) => {
    readonly path: string
    readonly app: Hono
  }
  close(): Promise<void>
}

/** Tasks that one call takes up; what is beyond them, the next call does. */
const atOnce = 1_000

/** Rouses tasks that are due and that no claim holds, of each platform those that people wait for first. */
export async function rouseDue(
  db: Db,
  follower: Follower,
  platforms: readonly Platform[] = platformNames,
): Promise<void> {
  for (const platform of platforms) await follower.rouse(await dueTasks(db, [platform], atOnce))
}

/** Makes tasks for accounts whose time has come and follows them, and those that the ledger made by itself. */
export async function createAndFollow(core: Core, follower: Follower, signal?: AbortSignal): Promise<number> {
  const created = await core.create(async (ids) => follower.rouse(await tasksById(core.db, ids)), signal)
  await rouseDue(core.db, follower)
  return created
}

/** A request over HTTP waits no longer for an orchestrator that is away. */
const patienceMs = 3_000

/** What the API rings, as calls of an orchestrator. One that fails is logged, and repaired by the schedules. */
export function apiRings(
  db: Db,
  log: Logger,
  { follower, transformDue }: Pick<ForApi, 'follower' | 'transformDue'>,
): Pick<ApiDeps, 'ringExtract' | 'ringTransform' | 'sayEnded'> {
  const tried = async (work: () => Promise<unknown>): Promise<number> => {
    const patience = new AbortController()
    const late = after(patienceMs, undefined, { signal: patience.signal }).then(() => {
      throw new Error(`no answer within ${patienceMs} ms`)
    })
    try {
      await Promise.race([work(), late])
      return 0
    } catch (error) {
      log.warn({ error }, 'the orchestrator did not take this in time; its repair takes it up')
      return 1
    } finally {
      patience.abort()
      late.catch(() => undefined)
    }
  }
  return {
    ringExtract: (platform) => (rings) =>
      tried(async () => {
        const syncIds = rings.flatMap(({ ids = [] }) => ids)
        if (syncIds.length === 0) await rouseDue(db, follower, [platform])
        else await follower.rouse(await tasksOfSyncs(db, platform, syncIds))
      }),
    ringTransform: () => tried(transformDue),
    sayEnded: async (ids) => void (await tried(() => follower.ended(ids))),
  }
}
