/**
 * Does the work with a signal that aborts with the outer one or after so many milliseconds, whichever is first. `Infinity`:
 * with the outer one alone.
 */
export async function within<T>(
  ms: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const abort = () => controller.abort(outer.reason)
  const timer = Number.isFinite(ms) ? setTimeout(abort, Math.max(0, ms)) : undefined
  outer.addEventListener('abort', abort)
  if (outer.aborted) abort()
  try {
    return await work(controller.signal)
  } finally {
    clearTimeout(timer)
    outer.removeEventListener('abort', abort)
  }
}

/** Waits so many milliseconds within a call, or until the signal aborts. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  within(ms, signal, (share) => new Promise((resolve) => share.addEventListener('abort', () => resolve())))
