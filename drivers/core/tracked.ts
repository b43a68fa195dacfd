import type { Ports } from '#shared/runtime/ports.ts'
import { inTick } from '#shared/runtime/tick.ts'

/** Runs under way in this process. */
export interface Tracked {
  /** Does the work under a span and the metrics of its name. */
  run<T>(name: string, work: () => Promise<T>): Promise<T>
  isBusy(): boolean
  /** Resolves when all have ended. */
  settled(): Promise<void>
}

export function openTracked(ports: Ports): Tracked {
  const underWay = new Set<Promise<unknown>>()
  return {
    run: (name, work) => {
      const run = inTick(name, {}, ports, work)
      underWay.add(run)
      const forget = () => void underWay.delete(run)
      run.then(forget, forget)
      return run
    },
    isBusy: () => underWay.size > 0,
    settled: async () => {
      // One that ends may begin another.
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
  }
}
