/** What failed is tried again after so long. */
const failedMs = 2_000

/** Calls at most once in so many milliseconds, and once in two seconds where it fails: all who ask meanwhile get the same answer. */
export function onceIn<T>(ms: number, load: () => Promise<T>): () => Promise<T> {
  let last: { readonly answer: Promise<T>; until: number } | undefined
  return () => {
    const now = performance.now()
    if (last && now < last.until) return last.answer
    const next = { answer: load(), until: now + ms }
    next.answer.catch(() => {
      next.until = Math.min(next.until, now + failedMs)
    })
    last = next
    return next.answer
  }
}
