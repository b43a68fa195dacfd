import { deepEqual, equal } from 'node:assert/strict'
import { setTimeout as after } from 'node:timers/promises'
import type { StateStore } from '#shared/model/state-store.ts'

/** What is asked of a store of short-lived state, by a sentence about it. */
export const stateChecks: readonly (readonly [what: string, check: (store: StateStore) => Promise<void>])[] =
  [
    [
      'calls are counted within a window, each name by itself, and from one again after it',
      async (store) => {
        const [a, b] = [crypto.randomUUID(), crypto.randomUUID()]
        deepEqual([await store.count(a, 3), await store.count(a, 3), await store.count(b, 60)], [1, 2, 1])
        await after(3_200)
        deepEqual([await store.count(a, 3), await store.count(b, 60)], [1, 2])
      },
    ],
    [
      'of many calls at once each is counted',
      async (store) => {
        const name = crypto.randomUUID()
        const counts = await Promise.all(Array.from({ length: 10 }, () => store.count(name, 60)))
        deepEqual(
          counts.sort((one, other) => one - other),
          Array.from({ length: 10 }, (_, index) => index + 1),
        )
      },
    ],
    [
      'a text is kept until its time is over, and the last one put',
      async (store) => {
        const [long, short] = [crypto.randomUUID(), crypto.randomUUID()]
        equal(await store.get(long), undefined)
        await store.put(long, 'first', 60)
        await store.put(long, '{"смузи": "🥤"}', 60)
        await store.put(short, 'x', 2)
        await after(2_200)
        deepEqual([await store.get(long), await store.get(short)], ['{"смузи": "🥤"}', undefined])
      },
    ],
  ]
