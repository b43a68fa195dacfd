import { ApplicationFailure, Context } from '@temporalio/activity'
import { ApplicationFailureCategory } from '@temporalio/common'
import { cancelTask } from '#shared/db/operations/cancel-job.ts'
import {
  openTaskIds,
  type TaskName,
  type TaskProgress,
  type TaskStage,
  tasksById,
} from '#shared/db/views/task-progress.ts'
import type { Core } from '../core/core.ts'
import { createAndFollow } from '../core/follower.ts'
import type { TemporalFollower } from './client.ts'

export type { TaskName }

/** Where a task stands, as small as a payload is to be. */
export interface Standing extends Pick<TaskProgress, 'status' | 'reason' | 'pages'> {
  readonly stage: TaskStage
  /** Milliseconds after which there is something to do; 0: now, or when a signal says so. */
  readonly afterMs: number
}

const standingOf = ({ stage, status, reason, pages, after_ms: afterMs }: TaskProgress): Standing => ({
  ...{ stage, status, reason, pages },
  afterMs: Math.ceil(afterMs),
})

/** Tasks that are started in one go. */
const atOnce = 1_000

/** The activities by which workflows call the runs: ids come in, where a task stands goes out. */
export function openActivities(core: Core, follower: TemporalFollower) {
  const { db } = core
  const cancelled = () => Context.current().cancellationSignal
  return {
    extract: async (task: TaskName) => standingOf(await core.extract(task, cancelled())),
    transform: async (task: TaskName) => standingOf(await core.transform(task, cancelled())),
    /** Fails, which is no error, while ML jobs of the task are open. */
    enrich: async ({ id }: TaskName): Promise<void> => {
      const { stage } = await core.look(id)
      if (stage !== 'enrich') return
      throw ApplicationFailure.create({
        message: 'its ML jobs are open; poll asks about them',
        nextRetryDelay: '6 hours',
        category: ApplicationFailureCategory.BENIGN,
      })
    },
    cancel: (id: string): Promise<boolean> => cancelTask(db, id, 'temporal'),
    /** Returns how many tasks were made. */
    create: (): Promise<number> => createAndFollow(core, follower, cancelled()),
    /** Returns whether there is more to ask about at once. */
    poll: (): Promise<boolean> => core.poll(),
    repair: async () => {
      const followed = new Set<string>()
      for await (const id of follower.followed()) followed.add(id)
      const open = await openTaskIds(db)
      const missing = open.filter((id) => !followed.delete(id))
      for (let from = 0; from < missing.length && !cancelled().aborted; from += atOnce)
        await follower.follow(await tasksById(db, missing.slice(from, from + atOnce)))
      // Those left have ended in the ledger, or have just begun.
      await follower.ended([...followed])
      return { started: missing.length, woken: followed.size }
    },
    transformDue: () => core.transformDue(),
    maintain: async () => {
      const { findings, ...done } = await core.maintain()
      return {
        ...done,
        applied: done.applied.length,
        violated: findings.filter(({ count }) => count !== null).length,
      }
    },
  }
}

export type Activities = ReturnType<typeof openActivities>
