import { DelayedError, type Processor, type Queue, UnrecoverableError, type Worker } from 'bullmq'
import pTimeout from 'p-timeout'
import type { TaskName, TaskProgress } from '#shared/db/views/task-progress.ts'
import { Stopped } from '#shared/errors.ts'
import type { Core } from '../core/core.ts'
import type { WorkerOptions } from '../core/process.ts'
import { backoffStrategy, type FlowFollower, openFollower, queueNames, type StepName } from './flow.ts'
import { lookEveryMs, openSchedules, putSchedules, type ScheduleName, schedulesQueue } from './schedules.ts'
import type { FlowConfig } from './settings.ts'
import { openStore } from './store.ts'

export interface FlowWorker {
  readonly follower: FlowFollower
  /** All queues, to be shown. */
  readonly queues: readonly Queue[]
  /** Does what a schedule says at once. */
  run(schedule: ScheduleName): Promise<void>
  /** Gives back what is under way, and ends the worker. */
  close(): Promise<void>
}

const closeMs = 10_000
/** Jobs wait most of their time for a run that serves many of them. */
const mostAtOnce = 200

/** Takes part in the work of all tasks until it is closed. */
export async function openWorker(
  core: Core,
  config: FlowConfig,
  { hasSchedules }: WorkerOptions,
): Promise<FlowWorker> {
  const onError = (error: unknown) =>
    core.log.warn({ error }, 'trouble of a queue; the schedules take up what it lost')
  const store = openStore(config, onError)
  const follower = openFollower(core.db, store, onError)
  const schedules = openSchedules(core, follower)
  const queue = new store.Queue(schedulesQueue, store.options)
  queue.on('error', onError)
  const stop = new AbortController()
  const options = {
    ...store.options,
    lockDuration: 15_000,
    stalledInterval: 5_000,
    maxStalledCount: 5,
    settings: { backoffStrategy },
  }
  const workers: Worker[] = queueNames.map(
    (name) => new store.Worker(name, stepsOf(core, stop.signal), { ...options, concurrency: mostAtOnce }),
  )
  if (hasSchedules)
    workers.push(new store.Worker(schedulesQueue, schedules.process, { ...options, concurrency: 4 }))
  for (const worker of workers) worker.on('error', onError)
  const put = () => putSchedules(queue).catch(onError)
  const timer = hasSchedules ? setInterval(put, lookEveryMs) : undefined
  if (hasSchedules) await put()
  return {
    ...{ follower, queues: [...follower.queues.values(), queue], run: schedules.run },
    close: async () => {
      clearInterval(timer)
      stop.abort()
      const closed = async () => {
        await Promise.all([core.stop(), ...workers.map((worker) => worker.close())])
        await Promise.all([follower.close(), queue.close()])
      }
      // A store that is away lets nothing be closed; what it misses, it finds stalled later.
      await pTimeout(closed(), { milliseconds: closeMs, fallback: () => undefined })
      await store.close()
    },
  }
}

/** A step that has nothing to do before a time is put off until then, which is no attempt. */
function stepsOf(core: Core, signal: AbortSignal): Processor<TaskName, void, string> {
  const steps: Record<StepName, (task: TaskName) => Promise<TaskProgress>> = {
    fetch_profile: (task) => core.extract(task, signal, 'profile'),
    fetch_posts: (task) => core.extract(task, signal),
    // A step before it may have been given up.
    transform: async (task) => {
      const read = await core.extract(task, signal)
      return read.stage === 'extract' ? read : core.transform(task, signal)
    },
    submit: (task) => core.submit(task, signal),
  }
  return async (job, token) => {
    const step = job.name as StepName
    // Jobs may be added by hand.
    if (!Object.hasOwn(steps, step) || !/^\d{1,18}$/.test(job.data.id))
      throw new UnrecoverableError('no step of a task')
    const putOff = async (ms: number) => {
      await job.moveToDelayed(Date.now() + ms, token)
      throw new DelayedError()
    }
    try {
      const { stage, after_ms, has_profile } = await steps[step](job.data)
      if (step !== 'submit' && isLeft(step, stage, has_profile)) await putOff(after_ms)
    } catch (error) {
      if (error instanceof Stopped) await putOff(1_000)
      throw error
    }
  }
}

/** Whether the step is still to be done. */
const isLeft = (step: StepName, stage: TaskProgress['stage'], hasProfile: boolean): boolean =>
  (stage === 'extract' && !(step === 'fetch_profile' && hasProfile)) ||
  (stage === 'transform' && step === 'transform')
