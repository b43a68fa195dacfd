const batch = 500
const sampleSize = 5

/** Goes over all that is chosen, batch by batch in the order of numbers, until the signal aborts; a dry run changes none. */
export async function overBatches<Item extends { readonly id: string }>(choice: {
  readonly signal: AbortSignal
  readonly isDry: boolean
  readonly list: (after: string, limit: number) => Promise<readonly Item[]>
  /** Returns those that were changed. */
  readonly change: (ids: readonly string[]) => Promise<readonly string[]>
}) {
  const { signal, isDry, list, change } = choice
  const done = { matched: 0, changed: 0, sample: [] as Item[], has_more: false }
  for (let after = '0'; ; ) {
    if (signal.aborted) return { ...done, has_more: true }
    const items = await list(after, batch)
    const last = items.at(-1)
    if (!last) return done
    after = last.id
    done.matched += items.length
    done.sample.push(...items.slice(0, sampleSize - done.sample.length))
    if (!isDry) done.changed += (await change(items.map(({ id }) => id))).length
  }
}
