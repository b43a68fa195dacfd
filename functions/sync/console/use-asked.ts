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
  readonly data?: Answer | undefined
  readonly error?: Refusal | undefined
}

/**
 * Asks for a path, and again every so many milliseconds while somebody looks; 0: once. `isLast` says of an answer that
 * no other will come.
 */
export function useAsked<Answer>(
  path: string,
  everyMs = 0,
  isLast: (data: Answer) => boolean = () => false,
): Asked<Answer> {
  const [held, setHeld] = useState<Held<Answer>>({ path })
  const [turn, setTurn] = useState(0)
  const again = useCallback(() => setTurn((count) => count + 1), [])
  // A turn is what asks again.
  useEffect(() => {
    const stop = new AbortController()
    void keepAsking({ path, everyMs, isLast }, stop.signal, setHeld)
    return () => stop.abort()
  }, [path, everyMs, turn])
  const isThis = held.path === path
  return { data: isThis ? held.data : undefined, error: isThis ? held.error : undefined, again }
}

interface Asking<Answer> {
  readonly path: string
  readonly everyMs: number
  readonly isLast: (data: Answer) => boolean
}

/** Takes each answer until it is stopped; what was told before stays beside a refusal. A hidden page asks only once. */
async function keepAsking<Answer>(
  { path, everyMs, isLast }: Asking<Answer>,
  signal: AbortSignal,
  set: (next: (before: Held<Answer>) => Held<Answer>) => void,
): Promise<void> {
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    const told = isFirst || !document.hidden ? await tell<Answer>(path, signal) : undefined
    if (signal.aborted) return
    if (told) set((before) => ({ ...(before.path === path ? before : { path }), error: undefined, ...told }))
    if (everyMs === 0 || (told?.data !== undefined && isLast(told.data))) return
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

/** What is answered, or why not. */
async function tell<Answer>(
  path: string,
  signal: AbortSignal,
): Promise<Pick<Held<Answer>, 'data' | 'error'>> {
  try {
    return { data: await ask<Answer>('GET', path, undefined, signal) }
  } catch (error) {
    if (error instanceof Refusal) return { error }
    if (signal.aborted) return {}
    throw error
  }
}
