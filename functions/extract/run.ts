import {
  type ClaimedTask,
  claimDueTasks,
  claimTasksById,
  isUrgentDue,
  standingOf,
  type Urgency,
} from '#shared/db/operations/claim-tasks.ts'
import { createDueTasks } from '#shared/db/operations/sync-jobs.ts'
import { probeExtract } from '#shared/db/tables/accounts.ts'
import { inSpan } from '#shared/telemetry/span.ts'
import { readByAccessMode } from './by-access-mode.ts'
import type { ExtractDeps, ExtractRun, Yielding } from './deps.ts'
import { leaseExtender } from './lease.ts'
import type { ExtractOutcome } from './outcome.ts'
import { type StepName, type Steps, steps } from './step.ts'

/** What a run is to read. */
export type ExtractOrder =
  /** Whatever is due; with `create`, tasks are made first for accounts whose time has come. */
  | { readonly of: 'due'; readonly create: boolean }
  /** These tasks, as far as they are due; `step`: only that step of them, after which they are given back. */
  | { readonly of: 'tasks'; readonly ids: readonly string[]; readonly step?: StepName }

/** How much is claimed, and how ad-hoc syncs are served beside the others. */
const policy = {
  /** Tasks made at once for accounts that are due. */
  dueAtOnce: 5_000,
  /** Tasks claimed at once: as many as one call of a platform carries. */
  claimSize: 50,
  /** Ad-hoc syncs are read for this long, then the others get a turn. */
  urgentMs: 3_000,
  /** How often to check for ad-hoc syncs that are due. */
  lookEveryMs: 500,
}

/**
 * Reads what is ordered of one platform until nothing of it is due or the signal aborts; what is left in hand then is
 * given back with its place. Of what is due, syncs that people wait for come first, also those asked for while others are
 * read.
 * @param onKept called after so many further pages were kept, which can be transformed from then on
 */
export async function runExtract(
  deps: ExtractDeps,
  order: ExtractOrder,
  signal: AbortSignal,
  onKept: (pages: number) => Promise<void> = async () => undefined,
): Promise<ExtractOutcome> {
  let pages = 0
  const run: ExtractRun = {
    ...deps,
    signal,
    ends: new Map(),
    finished: [],
    onKept: async (count) => {
      pages += count
      await onKept(count)
    },
  }
  await (order.of === 'due' ? readDue(run, order.create) : readTasks(run, order.ids, order.step))
  if (run.ends.size > 0) deps.log.info({ tasks: run.ends.size, pages }, 'accounts read')
  return { tasks: [...run.ends.values()], pages, finished: run.finished }
}

const alone: Yielding = {
  serveUrgent: async () => undefined,
  keepOthers: async () => undefined,
  goesOn: () => true,
}

async function readTasks(run: ExtractRun, ids: readonly string[], step: StepName | undefined): Promise<void> {
  const claimed = await claimTasksById(run.db, run.platform, ids, run.leaseS)
  const ours = new Set(claimed.map(({ id }) => id))
  const others = ids.filter((id) => !ours.has(id))
  for (const id of others) run.ends.set(id, { id, state: 'lost' })
  for (const { id, status, due_at } of await standingOf(run.db, others))
    run.ends.set(id, { id, state: 'not due', status, dueAt: due_at })
  await read(run, claimed, alone, step ? { [step]: steps[step] } : steps)
}

async function readDue(run: ExtractRun, create: boolean): Promise<void> {
  if (create && !(await isAnythingDue(run))) return
  while (!run.signal.aborted) {
    const urgent = await readUrgent(run, alone.keepOthers)
    const others = await claim(run, 'others')
    await read(run, others, { ...alone, serveUrgent: urgentServer(run) })
    if (urgent + others.length === 0) return
  }
}

/** Makes tasks for accounts whose time has come, so many at most; returns them. Those that are walking already get none. */
export const createDue = ({
  db,
  platform,
  fullWalkDays,
}: Pick<ExtractDeps, 'db' | 'platform' | 'fullWalkDays'>): Promise<string[]> =>
  createDueTasks(db, platform, { limit: policy.dueAtOnce, fullWalkDays })

/** One probe: makes tasks for accounts that are due. */
async function isAnythingDue(run: ExtractRun): Promise<boolean> {
  const due = await probeExtract(run.db, run.platform)
  if (due.accounts) await createDue(run)
  return due.accounts || due.tasks
}

/** A slice of time for those who wait; what it gives back is claimed by the next one. Returns how many were claimed. */
async function readUrgent(run: ExtractRun, keepOthers: () => Promise<void>): Promise<number> {
  const urgent = await claim(run, 'urgent')
  const since = performance.now()
  await read(run, urgent, {
    ...alone,
    keepOthers,
    goesOn: () => performance.now() - since < policy.urgentMs,
  })
  return urgent.length
}

function urgentServer(run: ExtractRun): Yielding['serveUrgent'] {
  let lookedAt = 0
  return async (keepLeases) => {
    if (performance.now() - lookedAt < policy.lookEveryMs) return
    if (await isUrgentDue(run.db, run.platform)) await readUrgent(run, keepLeases)
    lookedAt = performance.now()
  }
}

const claim = ({ db, platform, leaseS }: ExtractRun, urgency: Urgency): Promise<ClaimedTask[]> =>
  inSpan('claim', { attributes: { 'social_sync.of': 'tasks' } }, () =>
    claimDueTasks(db, platform, urgency, policy.claimSize, leaseS),
  )

async function read(
  run: ExtractRun,
  tasks: readonly ClaimedTask[],
  yielding: Yielding,
  which: Steps = steps,
): Promise<void> {
  const groups = [...Map.groupBy(tasks, (task) => task.access_mode)]
  let waiting: readonly ClaimedTask[] = []
  const keepWaiting = leaseExtender(run, () => waiting)
  const keepOthers = async () => {
    await yielding.keepOthers()
    await keepWaiting()
  }
  for (const [index, [access_mode, group]] of groups.entries()) {
    waiting = groups.slice(index + 1).flatMap(([, later]) => later)
    await readByAccessMode(
      run,
      { platform: run.platform, access_mode },
      group,
      { ...yielding, keepOthers },
      which,
    )
  }
}
