import type { FlowJob, FlowProducer, JobsOptions, Queue } from 'bullmq'
import type { Db } from '#shared/db/pool.ts'
import type { TaskName, TaskRef } from '#shared/db/views/task-progress.ts'
import type { Platform } from '#shared/model/account.ts'
import { platformNames } from '#shared/platforms/index.ts'
import { beginAll } from '../core/begin.ts'
import type { Follower } from '../core/follower.ts'
import type { Store } from './store.ts'

/** The steps of a sync, each a job of the flow of its task: what stands later waits for what stands before. */
const stepNames = ['fetch_profile', 'fetch_posts', 'transform', 'submit'] as const
export type StepName = (typeof stepNames)[number]

/** One queue for each kind of work, and for reading one for each platform, so that none waits behind another. */
const queueOf = (step: StepName, platform: Platform): string =>
  step === 'fetch_profile' || step === 'fetch_posts' ? `fetch-${platform}` : step
export const queueNames: readonly string[] = [
  ...new Set(platformNames.flatMap((platform) => stepNames.map((step) => queueOf(step, platform)))),
]

/** A job of a task has an id of its own, so that adding it twice is adding it once. */
const jobIdOf = (step: StepName, taskId: string) => `${step}-${taskId}`

/**
 * What the ledger decides needs no attempts; these are for a database that is away. A step that is given up holds up nothing: the next
 * one runs, sees in the ledger what is missing, and does that. A job that stayed would keep its id from a later flow.
 */
const options: JobsOptions = {
  ...{ attempts: 20, backoff: { type: 'custom' } },
  ...{ removeOnComplete: true, removeOnFail: true, ignoreDependencyOnFailure: true },
}

/** Who goes first; 0 is before all others. */
const priorities = { 'ad-hoc': 0, schedule: 1, backfill: 2 } as const satisfies Record<
  TaskRef['lane'],
  number
>

/** Milliseconds before the next attempt of a job: a second, doubling, at most a minute. */
export const backoffStrategy = (attemptsMade: number): number => Math.min(60_000, 500 * 2 ** attemptsMade)

/** The steps that a task in this state still needs, the last one first, which waits for all the others. */
function flowOf({ id, platform, account_id, stage, lane }: TaskRef): FlowJob {
  const steps = stage === 'extract' ? stepNames : (['transform', 'submit'] as const)
  return steps.reduce<FlowJob | undefined>(
    (before, step) => ({
      ...{ name: step, queueName: queueOf(step, platform) },
      data: { id, platform, account_id } satisfies TaskName,
      opts: { ...options, jobId: jobIdOf(step, id), priority: priorities[lane] },
      children: before ? [before] : [],
    }),
    undefined,
  ) as FlowJob
}

export interface FlowFollower extends Follower {
  readonly queues: ReadonlyMap<string, Queue>
  close(): Promise<void>
}

/** Follows tasks by flows of jobs; ML jobs of days are no part of them: the schedule `poll` completes these. */
export function openFollower(db: Db, store: Store, onError: (error: unknown) => void): FlowFollower {
  const queues = new Map(queueNames.map((name) => [name, new store.Queue(name, store.options)]))
  const producer: FlowProducer = new store.FlowProducer(store.options)
  for (const queue of queues.values()) queue.on('error', onError)
  producer.on('error', onError)

  const jobsOf = async ({ id, platform }: TaskRef) => {
    const jobs = await Promise.all(
      stepNames.map((step) => queues.get(queueOf(step, platform))?.getJob(jobIdOf(step, id))),
    )
    return jobs.flatMap((job) => job ?? [])
  }
  /** Begins the flow of a task that has none, or whose steps wait for one that was lost; a step that waits for a time is done now. */
  const wake = async (task: TaskRef) => {
    const jobs = await jobsOf(task)
    const states = await Promise.all(jobs.map((job) => job.getState()))
    if (states.every((state) => state === 'waiting-children')) {
      for (const job of jobs) await job.remove({ removeChildren: true }).catch(onError)
      await producer.add(flowOf(task))
    }
    for (const [index, job] of jobs.entries()) {
      if (states[index] === 'delayed') await job.promote().catch(onError)
      if (states[index] === 'prioritized' && task.lane === 'ad-hoc')
        await job.changePriority({ priority: priorities[task.lane] }).catch(onError)
    }
  }
  const inFlow = (tasks: readonly TaskRef[]) => tasks.filter(({ stage }) => stage !== 'enrich')
  const rouse = (tasks: readonly TaskRef[]) => beginAll(db, inFlow(tasks), wake)
  return {
    // A job that is done early looks at the ledger and is put off again: that is as good as not waking it.
    ...{ queues, rouse, follow: rouse },
    // Nothing waits: a step that comes to such a task sees it in the ledger.
    ended: async () => undefined,
    close: async () => void (await Promise.all([...queues.values(), producer].map((one) => one.close()))),
  }
}
