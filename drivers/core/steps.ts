import { setTimeout as after } from 'node:timers/promises'
import DataLoader from 'dataloader'
import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import type { Db } from '#shared/db/pool.ts'
import { progressOf, type TaskName, type TaskProgress } from '#shared/db/views/task-progress.ts'
import { Stopped } from '#shared/errors.ts'
import type { Platform } from '#shared/model/account.ts'
import type { SharedRun } from './shared-run.ts'

/**
 * The steps of one task, as an orchestrator calls them. Each joins the run of this process that serves all tasks which are due, so
 * that calls for many accounts stay calls for many. Each returns where the task stands when there is nothing left to do in it, or
 * nothing before a time; each may be called at any time and as often as one likes, since the ledger says what there is to do.
 */
export interface TaskSteps {
  /** Reads the account. @param part profile: no more than its profile */
  extract(task: TaskName, signal: AbortSignal, part?: 'profile'): Promise<TaskProgress>
  /** Transforms what is stored of it. */
  transform(task: TaskName, signal: AbortSignal): Promise<TaskProgress>
  /** Sends the ML jobs that are planned, of this task and of others. */
  submit(task: TaskName, signal: AbortSignal): Promise<TaskProgress>
  look(id: string): Promise<TaskProgress>
}

interface StepsDeps {
  readonly db: Db
  readonly extracting: (platform: Platform) => SharedRun
  readonly transforming: SharedRun
  readonly submitting: SharedRun
}

/** Another process has the task or its pages: looked at again after this time. */
const elsewhereMs = 2_000
/** A page is claimed for this time first; what is due later waits outside of the step. */
const shortMs = 130_000

export function openSteps({ db, extracting, transforming, submitting }: StepsDeps): TaskSteps {
  const look = lookerAt(db)
  const extract: TaskSteps['extract'] = async ({ id, platform }, signal, part) => {
    const run = extracting(platform)
    for (;;) {
      const task = await look(id)
      if (task.stage !== 'extract' || (part === 'profile' && task.has_profile)) return atOnce(task)
      if (task.after_ms > 0 && !task.is_leased) return task
      await takenUp(run, task, signal)
    }
  }
  const transform: TaskSteps['transform'] = async ({ id }, signal) => {
    for (;;) {
      const task = await look(id)
      if (task.stage !== 'transform') return atOnce(task)
      if (task.after_ms > shortMs) return task
      // The process that transformed the last page ended before it could finish the task.
      if (task.pages === 0) await finishTasks(db, [id])
      else await takenUp(transforming, task, signal)
    }
  }
  const submit: TaskSteps['submit'] = async ({ id }, signal) => {
    throwIfStopped(signal)
    await submitting.join()
    return look(id)
  }
  return { look, extract, transform, submit }
}

/** The step is done: when another claim of the next one ends is no reason to wait. */
const atOnce = (task: TaskProgress): TaskProgress => ({ ...task, after_ms: 0 })

/** Joins the run that takes the task up, or waits while another process has it. */
async function takenUp(run: SharedRun, { after_ms }: TaskProgress, signal: AbortSignal): Promise<void> {
  throwIfStopped(signal)
  if (after_ms === 0 || run.isUnderWay()) return run.join()
  await after(Math.min(elsewhereMs, after_ms), undefined, { signal }).catch(() => undefined)
}

function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new Stopped('the worker is stopping')
}

/** Looks of many tasks at once are one query. */
function lookerAt(db: Db): TaskSteps['look'] {
  const loader = new DataLoader<string, TaskProgress>(
    async (ids) => {
      const found = new Map((await progressOf(db, ids)).map((task) => [task.id, task]))
      return ids.map((id) => found.get(id) ?? gone(id))
    },
    { cache: false, maxBatchSize: 1_000, batchScheduleFn: (send) => void setTimeout(send, 2) },
  )
  return (id) => loader.load(id)
}

/** Its account was erased, and the task with it. */
const gone = (id: string): TaskProgress => ({
  ...{ id, stage: 'ended', status: 'gone', reason: null },
  ...{ has_profile: false, is_leased: false, pages: 0, after_ms: 0 },
})
