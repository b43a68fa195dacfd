/** The first of these times. null: none has one. */
export const earliest = (list: readonly { readonly until: Date | null }[]): Date | null =>
  list.reduce<Date | null>(
    (first, { until }) => (until && (first === null || until < first) ? until : first),
    null,
  )
