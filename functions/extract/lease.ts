import { extendLeases } from '#shared/db/tables/sync-tasks.ts'
import type { ExtractDeps, Yielding } from './deps.ts'
import { type Hand, isHeld } from './hand.ts'

/**
 * Keeps the leases of tasks in hand alive while others are waited for: to be called before every call to a platform,
 * it does something once in a third of a lease. A hand whose task went to another claim is lost.
 */
export function leaseKeeper(
  deps: Pick<ExtractDeps, 'db' | 'leaseS'> & Pick<Yielding, 'keepOthers'>,
  hands: readonly Hand[],
): () => Promise<void> {
  let since = performance.now()
  return async () => {
    await deps.keepOthers()
    if (performance.now() - since < (deps.leaseS * 1000) / 3) return
    since = performance.now()
    const held = hands.filter(isHeld)
    const ours = await extendLeases(
      deps.db,
      held.map((hand) => hand.task),
      deps.leaseS,
    )
    for (const hand of held) if (isHeld(hand) && !ours.has(hand.task.id)) hand.state = 'lost'
  }
}
