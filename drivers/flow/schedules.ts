import type { Job, Queue } from 'bullmq'
import type { Core } from '../core/core.ts'
import { createAndFollow } from '../core/follower.ts'
import type { FlowFollower } from './flow.ts'

/** What is done for all tasks, and how often. */
const everyMs = { create: 60_000, poll: 60_000, maintain: 600_000 } as const
/** What is done so often, or at once when something asks for it. */
export type ScheduleName = keyof typeof everyMs | 'transform'
export const schedulesQueue = 'schedules'

/** Schedules live in the queue's store alone: every worker looks each few seconds whether they are there. */
export const lookEveryMs = 5_000

export async function putSchedules(queue: Queue): Promise<void> {
  for (const [name, every] of Object.entries(everyMs)) {
    const known = await queue.getJobScheduler(name)
    if (known?.every === every) continue
    await queue.upsertJobScheduler(
      name,
      { every },
      { name, opts: { removeOnComplete: true, removeOnFail: true } },
    )
  }
}

/** Has a worker do at once what a schedule does. */
export const startNow = async (queue: Queue, name: ScheduleName): Promise<void> =>
  void (await queue.add(name, {}, { jobId: `${name}-now`, removeOnComplete: true, removeOnFail: true }))

/** Does what one of the schedules says. */
export function openSchedules(core: Core, follower: FlowFollower) {
  const work: Record<ScheduleName, () => Promise<unknown>> = {
    // What the queues lost too: tasks when they are due. Pages and ML jobs that are left over, poll takes up.
    create: () => createAndFollow(core, follower),
    // What is left over, the next one does: a poll that goes on would be joined by it.
    poll: () => core.poll(),
    transform: () => core.transformDue(),
    maintain: () => core.maintain(),
  }
  return {
    run: async (name: ScheduleName): Promise<void> => void (await work[name]()),
    process: async ({ name }: Job): Promise<void> => {
      if (Object.hasOwn(work, name)) await work[name as ScheduleName]()
    },
  }
}
