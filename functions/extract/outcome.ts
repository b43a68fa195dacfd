import type { Queryable } from '#shared/db/pool.ts'
import {
  failWalks,
  type Leased,
  type QuotaWait,
  releaseTasks,
  type Wait,
  type Waiting,
  waitForPool,
  waitTasks,
} from '#shared/db/tables/sync-tasks.ts'
import type { WalkOutcome } from '#shared/model/sync.ts'

/** What a run came to for one task. */
type TaskOutcome = { readonly id: string } & (
  | { readonly state: 'walked'; readonly walk: WalkOutcome }
  | { readonly state: 'waiting'; readonly reason: string; readonly until: Date }
  /** Its walk can never go on. */
  | { readonly state: 'failed'; readonly error: string }
  /** Queued with its place and due at once: time ran out, or only one step of it was ordered. */
  | { readonly state: 'given back' }
  /** Another claim has it, or it is gone with its account. */
  | { readonly state: 'lost' }
  /** Asked for by its id and not due: held by another claim, waiting, or past its walk. */
  | { readonly state: 'not due'; readonly status: string; readonly dueAt: Date | null }
)

export interface ExtractOutcome {
  /** In the order in which an outcome was first noted. */
  readonly tasks: readonly TaskOutcome[]
  /** Pages kept. */
  readonly pages: number
  /** Tasks that became final: all that they kept was transformed, or they kept nothing. */
  readonly finished: readonly string[]
}

/** By the id of the task; of one that was claimed twice the later outcome holds. */
export type Ends = Map<string, TaskOutcome>

interface Noting {
  readonly db: Queryable
  readonly ends: Ends
}

/** Sets tasks waiting for a time, and notes until when. */
export async function setWaiting({ db, ends }: Noting, tasks: readonly Leased[], wait: Wait): Promise<void> {
  noteWaiting(ends, tasks, wait.reason, await waitTasks(db, tasks, wait))
}

/** Sets tasks waiting for their pool, and notes until when. */
export async function setWaitingForPool(
  { db, ends }: Noting,
  tasks: readonly Leased[],
  wait: QuotaWait,
): Promise<void> {
  noteWaiting(ends, tasks, wait.reason, await waitForPool(db, tasks, wait))
}

function noteWaiting(
  ends: Ends,
  tasks: readonly Leased[],
  reason: string,
  waiting: readonly Waiting[],
): void {
  for (const { id } of tasks) ends.set(id, { id, state: 'lost' })
  for (const { id, run_at } of waiting) ends.set(id, { id, state: 'waiting', reason, until: run_at })
}

/** Ends walks that can never go on, and notes why. */
export async function setFailed(
  { db, ends }: Noting,
  tasks: readonly Leased[],
  error: string,
): Promise<void> {
  for (const { id } of tasks) ends.set(id, { id, state: 'lost' })
  for (const { id } of await failWalks(db, tasks, error)) ends.set(id, { id, state: 'failed', error })
}

/** Time has run out: the tasks go back with their places, and this claim is not counted. */
export async function giveBack({ db, ends }: Noting, tasks: readonly Leased[]): Promise<void> {
  const ours = await releaseTasks(db, tasks)
  for (const { id } of tasks) ends.set(id, { id, state: ours.has(id) ? 'given back' : 'lost' })
}
