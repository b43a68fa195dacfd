import { isDatabaseTrouble } from '#shared/db/pool.ts'
import { Stopped } from '#shared/errors.ts'
import type { Call } from './call.ts'
import type { Batch } from './deps.ts'
import { type Hand, inHand } from './hand.ts'
import { record } from './verdict.ts'

/**
 * Runs `work` and records what it throws as a verdict on these hands. Database trouble is thrown on instead: their leases run
 * out. A stop is no verdict either: the batch gives them back.
 */
export async function guarded(
  batch: Batch,
  hands: readonly Hand[],
  call: Call,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (isDatabaseTrouble(error)) throw error
    if (error instanceof Stopped) return
    await record(batch, hands.filter(inHand), call, error)
  }
}

/** The halves of a call that failed; repeating the call for each isolates the item at fault. */
export function halvesOf<Item>(items: readonly Item[]): Item[][] {
  const middle = Math.ceil(items.length / 2)
  return [items.slice(0, middle), items.slice(middle)]
}
