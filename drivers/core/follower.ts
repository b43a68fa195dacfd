import type { Hono } from 'hono'
import type { ApiDeps } from '#functions/sync/deps.ts'
import type { Db } from '#shared/db/pool.ts'
import { dueTasks, openTasks, type TaskRef } from '#shared/db/views/task-progress.ts'
import type { Platform } from '#shared/model/account.ts'
import { platformNames } from '#shared/platforms/index.ts'
import type { Logger } from '#shared/telemetry/logger.ts'

/** How an orchestrator is told about tasks. Each may be called twice: a task has one follower. */
export interface Follower {
  /** These tasks have something to do now: begins to follow those that it does not follow, and wakes the others. */
  rouse(tasks: readonly TaskRef[]): Promise<void>
  /** These tasks were ended by others: whatever waits for them looks again. */
  ended(taskIds: readonly string[]): Promise<void>
}

/** Of an orchestrator, what the API takes. */
export interface ForApi {
  readonly follower: Follower
  /** Has a worker look for tasks that nothing follows. */
  repair(): Promise<void>
  /** Pages of the orchestrator, for those whose key may do everything. */
  readonly board?: (isAllowed: (key: string) => Promise<boolean>) => {
    readonly path: string
    readonly app: Hono
  }
  close(): Promise<void>
}

/** Tasks that one call takes up; what is beyond them, the next call does. */
const atOnce = 1_000

/** Rouses tasks that are due and that no claim holds, those that people wait for first. Returns how many. */
export async function rouseDue(
  db: Db,
  follower: Follower,
  platforms: readonly Platform[] = platformNames,
): Promise<number> {
  const tasks = await dueTasks(db, platforms, atOnce)
  await follower.rouse(tasks)
  return tasks.length
}

/** All open tasks, so many at a time, in the order of their ids. */
export async function* allOpenTasks(db: Db): AsyncGenerator<readonly TaskRef[]> {
  for (let after = '0'; ; ) {
    const tasks = await openTasks(db, after, atOnce)
    const last = tasks.at(-1)
    if (!last) return
    yield tasks
    after = last.id
  }
}

/** What the API rings, as calls of an orchestrator. One that fails is logged, and repaired by the schedules. */
export function apiRings(
  db: Db,
  log: Logger,
  { follower, repair }: Pick<ForApi, 'follower' | 'repair'>,
): Pick<ApiDeps, 'ringExtract' | 'ringTransform' | 'sayEnded'> {
  const tried = async (work: () => Promise<unknown>): Promise<number> => {
    try {
      await work()
      return 0
    } catch (error) {
      log.warn({ error }, 'the orchestrator was not reached; its repair takes this up')
      return 1
    }
  }
  return {
    ringExtract: (platform) => () => tried(() => rouseDue(db, follower, [platform])),
    ringTransform: () => tried(repair),
    sayEnded: async (ids) => void (await tried(() => follower.ended(ids))),
  }
}
