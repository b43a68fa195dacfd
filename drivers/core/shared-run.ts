import { setTimeout as after } from 'node:timers/promises'

/** A run in this process that serves all who wait for it. */
export interface SharedRun {
  /** Joins the run that is under way, or begins one. Resolves when it ends, or within a second; rejects when it fails. */
  join(): Promise<void>
  isUnderWay(): boolean
}

const lookEveryMs = 1_000

export function sharedRun(work: () => Promise<void>): SharedRun {
  let current: Promise<void> | undefined
  /** The same for all who wait, so that they look at their tasks together, by one query. */
  let second: Promise<void> | undefined
  return {
    isUnderWay: () => current !== undefined,
    join: async () => {
      current ??= work().finally(() => {
        current = undefined
      })
      second ??= after(lookEveryMs, undefined, { ref: false }).finally(() => {
        second = undefined
      })
      await Promise.race([current, second])
    },
  }
}
