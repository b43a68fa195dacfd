import { useCallback, useEffect, useState } from 'preact/hooks'
import { ask, Refusal } from './api.ts'

export interface Asked<Answer> {
  /** What was answered last; kept while it is asked for anew. */
  readonly data: Answer | undefined
  readonly error: Refusal | undefined
  /** Asks at once, whatever the rhythm. */
  readonly again: () => void
}

interface Held<Answer> {
  readonly path: string
  readonly data?: Answer
  readonly error?: Refusal
}

/** Asks for a path, and again every so many milliseconds while somebody looks; 0: once. */
export function useAsked<Answer>(path: string, everyMs = 0): Asked<Answer> {
  const [held, setHeld] = useState<Held<Answer>>({ path })
  const [turn, setTurn] = useState(0)
  const again = useCallback(() => setTurn((count) => count + 1), [])
  // A turn is what asks again.
  useEffect(() => {
    const stop = new AbortController()
    void keepAsking(path, everyMs, stop.signal, setHeld)
    return () => stop.abort()
  }, [path, everyMs, turn])
  const isThis = held.path === path
  return { data: isThis ? held.data : undefined, error: isThis ? held.error : undefined, again }
}

/** Takes each answer until it is stopped; what was told before stays beside a refusal. */
async function keepAsking<Answer>(
  path: string,
  everyMs: number,
  signal: AbortSignal,
  set: (next: (before: Held<Answer>) => Held<Answer>) => void,
): Promise<void> {
  do {
    if (!document.hidden) {
      try {
        const data = await ask<Answer>('GET', path, undefined, signal)
        set(() => ({ path, data }))
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof Refusal)) throw error
        set((before) => ({ ...(before.path === path ? before : { path }), error }))
      }
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  } while (everyMs > 0 && !signal.aborted)
}
