import { Stopped } from '../errors.ts'

/** The limit of one exchange with another side; to be closed when the exchange has ended. */
export interface TimeLimit {
  readonly signal: AbortSignal
  /** Settles with the work, or rejects when the exchange is broken off. */
  within<T>(work: Promise<T>): Promise<T>
  breakOff(why: string): void
  close(): void
}

/** An exchange under way when the caller's signal aborts has so long to end: its answer is paid for. */
const graceMs = 5_000

/**
 * Breaks an exchange off after a time, or a grace after the caller's signal aborts. The timer holds it: a signal of
 * `AbortSignal.timeout` is collected as garbage while nothing but a body refers to it, and so is the link from any signal
 * to a `fetch` whose response has come, hence the race.
 */
export function openTimeLimit(timeoutMs: number, outer?: AbortSignal | null): TimeLimit {
  const controller = new AbortController()
  const broken = Promise.withResolvers<never>()
  broken.promise.catch(() => undefined)
  const breakOffBy = (error: Error) => {
    broken.reject(error)
    controller.abort(error)
  }
  const breakOff = (why: string) => breakOffBy(new Error(why))
  const timer = setTimeout(() => breakOff(`not answered within ${timeoutMs} ms`), timeoutMs)
  const stop = () => breakOffBy(new Stopped('the caller stopped before the answer came'))
  let grace: NodeJS.Timeout | undefined
  const onOuter = () => {
    grace = setTimeout(stop, graceMs)
  }
  outer?.addEventListener('abort', onOuter)
  return {
    signal: controller.signal,
    within: (work) => Promise.race([work, broken.promise]),
    breakOff,
    close: () => {
      clearTimeout(timer)
      clearTimeout(grace)
      outer?.removeEventListener('abort', onOuter)
    },
  }
}
