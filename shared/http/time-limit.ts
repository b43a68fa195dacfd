/** The limit of one exchange with another side; to be closed when the exchange has ended. */
export interface TimeLimit {
  readonly signal: AbortSignal
  /** Settles with the work, or rejects when the exchange is broken off. */
  within<T>(work: Promise<T>): Promise<T>
  breakOff(why: string): void
  close(): void
}

/**
 * Breaks an exchange off after a time, or when the caller's signal says so. The timer holds it: a signal of
 * `AbortSignal.timeout` is collected as garbage while nothing but a body refers to it, and so is the link from any signal
 * to a `fetch` whose response has come, hence the race.
 */
export function openTimeLimit(timeoutMs: number, outer?: AbortSignal | null): TimeLimit {
  const controller = new AbortController()
  const broken = Promise.withResolvers<never>()
  broken.promise.catch(() => undefined)
  const breakOff = (why: string) => {
    const error = new Error(why)
    broken.reject(error)
    controller.abort(error)
  }
  const timer = setTimeout(() => breakOff(`not answered within ${timeoutMs} ms`), timeoutMs)
  const onOuter = () => breakOff('the caller broke it off')
  if (outer?.aborted) onOuter()
  outer?.addEventListener('abort', onOuter)
  return {
    signal: controller.signal,
    within: (work) => Promise.race([work, broken.promise]),
    breakOff,
    close: () => {
      clearTimeout(timer)
      outer?.removeEventListener('abort', onOuter)
    },
  }
}
