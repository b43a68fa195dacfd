import type { ClaimedTask } from '#shared/db/operations/claim-tasks.ts'
import { extendLeases } from '#shared/db/tables/sync-tasks.ts'
import type { ExtractDeps, Yielding } from './deps.ts'
import { type Hand, isHeld } from './hand.ts'

type LeaseDeps = Pick<ExtractDeps, 'db' | 'leaseS'>

/** Makes a function that extends the leases of these tasks, once per third of a lease, and returns those that are still ours. */
export function leaseExtender(
  { db, leaseS }: LeaseDeps,
  tasksOf: () => readonly ClaimedTask[],
): () => Promise<ReadonlySet<string> | undefined> {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < (leaseS * 1000) / 3) return undefined
    since = performance.now()
    return extendLeases(db, tasksOf(), leaseS)
  }
}

/**
 * Makes a function to be called before every call to the platform: it keeps the leases of these hands alive, and those of the
 * tasks that wait for this batch. A hand whose task another claim has taken is lost.
 */
export function leaseKeeper(
  deps: LeaseDeps & Pick<Yielding, 'keepOthers'>,
  hands: readonly Hand[],
): () => Promise<void> {
  const extend = leaseExtender(deps, () => hands.filter(isHeld).map((hand) => hand.task))
  return async () => {
    await deps.keepOthers()
    const held = hands.filter(isHeld)
    const ours = await extend()
    if (!ours) return
    for (const hand of held) if (isHeld(hand) && !ours.has(hand.task.id)) hand.state = 'lost'
  }
}
