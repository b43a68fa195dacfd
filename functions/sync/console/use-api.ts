import { useCallback, useEffect, useState } from 'preact/hooks'
import { ask, Refusal } from './api.ts'

export interface Loaded<Answer> {
  /** The last answer; kept while the next one is awaited. */
  readonly data: Answer | undefined
  readonly error: Refusal | undefined
  /** Asks at once, whatever the rhythm. */
  readonly again: () => void
}

interface Shown<Answer> {
  readonly path: string
  readonly data?: Answer | undefined
  readonly error?: Refusal | undefined
}

/**
 * Asks for a path, and again every `everyMs` while the page is visible; 0: once. `isLast` says of an answer that
 * no other will come.
 */
export function useApi<Answer>(
  path: string,
  everyMs = 0,
  isLast: (data: Answer) => boolean = () => false,
): Loaded<Answer> {
  const [shown, setShown] = useState<Shown<Answer>>({ path })
  const [turn, setTurn] = useState(0)
  const again = useCallback(() => setTurn((count) => count + 1), [])
  // A turn is what asks again.
  useEffect(() => {
    const stop = new AbortController()
    void keepLoading({ path, everyMs, isLast }, stop.signal, setShown)
    return () => stop.abort()
  }, [path, everyMs, turn])
  const isThis = shown.path === path
  return { data: isThis ? shown.data : undefined, error: isThis ? shown.error : undefined, again }
}

interface Loading<Answer> {
  readonly path: string
  readonly everyMs: number
  readonly isLast: (data: Answer) => boolean
}

/** Takes each answer until it is stopped; the last good answer stays beside a refusal. A hidden page asks only once. */
async function keepLoading<Answer>(
  { path, everyMs, isLast }: Loading<Answer>,
  signal: AbortSignal,
  set: (next: (before: Shown<Answer>) => Shown<Answer>) => void,
): Promise<void> {
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    const loaded = isFirst || !document.hidden ? await load<Answer>(path, signal) : undefined
    if (signal.aborted) return
    if (loaded)
      set((before) => ({ ...(before.path === path ? before : { path }), error: undefined, ...loaded }))
    if (everyMs === 0 || (loaded?.data !== undefined && isLast(loaded.data))) return
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

/** What is answered, or why not. */
async function load<Answer>(
  path: string,
  signal: AbortSignal,
): Promise<Pick<Shown<Answer>, 'data' | 'error'>> {
  try {
    return { data: await ask<Answer>('GET', path, undefined, signal) }
  } catch (error) {
    if (error instanceof Refusal) return { error }
    if (signal.aborted) return {}
    throw error
  }
}
