import type { Hono } from 'hono'
import pTimeout from 'p-timeout'
import type { ApiDeps } from '#functions/sync/deps.ts'
import type { Db } from '#shared/db/pool.ts'
import { dueTasks, type TaskRef, tasksById, tasksOfSyncs } from '#shared/db/views/task-progress.ts'
import type { Platform } from '#shared/model/account.ts'
import { platformNames } from '#shared/platforms/index.ts'
import type { Logger } from '#shared/telemetry/logger.ts'
import type { Core } from './core.ts'

/** What an orchestrator does about tasks. Each may be called twice: a task has one follower. */
export interface Follower {
  /** Begins to follow those of these tasks that it does not follow. The others do not notice. */
  follow(tasks: readonly TaskRef[]): Promise<void>
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

/** Tasks of a platform that are due and that no claim holds, those that people wait for first. */
const due = (db: Db, platform: Platform) => dueTasks(db, platform, atOnce)

/** Rouses what is due of a platform. */
export const rouseDue = async (db: Db, follower: Follower, platform: Platform): Promise<void> =>
  follower.rouse(await due(db, platform))

/**
 * Makes tasks for accounts whose time has come and follows them, and what else is due: tasks that the ledger made by itself, and those
 * that the orchestrator lost.
 */
export async function createAndFollow(core: Core, follower: Follower, signal?: AbortSignal): Promise<number> {
  const { db } = core
  const created = await core.create(async (ids) => follower.follow(await tasksById(db, ids)), signal)
  for (const platform of platformNames) await follower.follow(await due(db, platform))
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
    try {
      await pTimeout(work(), { milliseconds: patienceMs })
      return 0
    } catch (error) {
      log.warn({ error }, 'the orchestrator did not take this in time; the schedules take it up')
      return 1
    }
  }
  return {
    ringExtract: (platform) => (rings) =>
      tried(async () => {
        const syncIds = rings.flatMap(({ ids = [] }) => ids)
        if (syncIds.length === 0) await rouseDue(db, follower, platform)
        else await follower.rouse(await tasksOfSyncs(db, platform, syncIds))
      }),
    ringTransform: () => tried(transformDue),
    sayEnded: async (ids) => void (await tried(() => follower.ended(ids))),
  }
}
