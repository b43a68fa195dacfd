import { isDatabaseTrouble } from '#shared/db/pool.ts'
import { Stopped } from '#shared/errors.ts'
import type { Call } from './call.ts'
import type { Batch } from './deps.ts'
import { type Hand, inHand } from './hand.ts'
import { record } from './verdict.ts'

/**
 * Works with one answer: whatever is wrong with it is the trouble of these hands alone, and a verdict. A database in
 * trouble is no verdict on them: their claim ends by itself. Neither is a call that was stopped: they are given back.
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

/** A call for many is made again for each half, down to one, which then bears what is its own. */
export function halvesOf<Item>(items: readonly Item[]): Item[][] {
  const middle = Math.ceil(items.length / 2)
  return [items.slice(0, middle), items.slice(middle)]
}
