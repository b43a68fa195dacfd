/** Calls at most once in so many milliseconds, also where it fails: all who ask meanwhile get the same answer. */
export function onceIn<T>(ms: number, load: () => Promise<T>): () => Promise<T> {
  let last: { readonly answer: Promise<T>; readonly at: number } | undefined
  return () => {
    const now = performance.now()
    if (!last || now - last.at >= ms) last = { answer: load(), at: now }
    return last.answer
  }
}
