import {
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import type { Activities, Standing, TaskName } from './activities.ts'
import { searchKeys } from './search-keys.ts'

// A change of the order of activities and timers needs `patched`: workflows under way go on with the new code.

const beat = { heartbeatTimeout: '20 seconds', retry: { maximumInterval: '1 minute' } } as const
/** A workflow that is cancelled waits for no activity: the ledger makes it stop. */
const cancellationType = 'TRY_CANCEL'

const { extract, transform } = proxyActivities<Activities>({
  ...{ startToCloseTimeout: '2 hours', cancellationType, ...beat },
})
const { cancel } = proxyActivities<Activities>({ startToCloseTimeout: '1 minute' })
const { create, poll, repair, maintain, transformDue } = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  ...beat,
  priority: { priorityKey: 1 },
})
/** Its retries are looks at the ledger, for the case that the signal was lost: they leave no events. */
const { enrich } = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  cancellationType,
  retry: { initialInterval: '1 minute', maximumInterval: '6 hours' },
})

/** The ledger has something for this task: it looks at once. */
export const movedSignal = defineSignal('moved')
export const progressQuery = defineQuery<Standing>('progress')

/**
 * Follows a sync task to its end: extract, transform, enrich. Holds nothing but where it stands; what there is to do, and whether
 * waiting is over, the ledger says each time.
 */
export async function syncTask(task: TaskName): Promise<Standing> {
  let wasMoved = false
  let standing: Standing = { stage: 'extract', status: 'queued', reason: null, pages: 0, afterMs: 0 }
  setHandler(movedSignal, () => {
    wasMoved = true
  })
  setHandler(progressQuery, () => standing)
  const isMoved = () => wasMoved
  try {
    while (standing.stage !== 'ended') {
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof syncTask>(task)
      wasMoved = false
      if (standing.stage === 'extract') standing = await extract(task)
      else if (standing.stage === 'transform') standing = await transform(task)
      else standing = await enriched(task, isMoved)
      upsertSearchAttributes([{ key: searchKeys.state, value: standing.status }])
      if (standing.afterMs > 0) await condition(isMoved, standing.afterMs)
    }
    return standing
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => cancel(task.id))
    throw error
  }
}

/** Waits until the last ML job of the task is over, which poll says by a signal. */
async function enriched(task: TaskName, isMoved: () => boolean): Promise<Standing> {
  const looking = new CancellationScope()
  const looks = looking.run(() => enrich(task))
  looks.catch(() => undefined)
  await Promise.race([looks, condition(isMoved)])
  looking.cancel()
  return transform(task)
}

/** Makes tasks for accounts whose time has come, and follows them. */
export const createDue = (): Promise<number> => create()

/** Asks about ML jobs of all tasks, sends planned ones, and signals tasks that became final. */
export async function pollAll(): Promise<void> {
  while (await poll()) if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof pollAll>()
}

/** Follows open tasks of the ledger that have no workflow, and wakes workflows whose task has ended. */
export const repairAll = (): Promise<{ started: number; woken: number }> => repair()

/** Transforms what is stored, at once. */
export const transformAll = (): Promise<void> => transformDue()

/** Keeps the database in order. */
export const maintainAll = (): Promise<object> => maintain()
