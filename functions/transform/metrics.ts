const dayMs = 86_400_000

/** The newest numbers on record and when they were written to the history. */
export interface KnownMetrics<Metrics> {
  readonly metrics: Metrics
  readonly metrics_at: Date | null
}

/** Whether numbers go into the history: they changed, or the last row is older than a day. */
export function isNews<Metrics extends object>(
  seen: Metrics,
  at: Date,
  known: KnownMetrics<Metrics>,
): boolean {
  if (known.metrics_at === null) return true
  if (at.getTime() - known.metrics_at.getTime() > dayMs) return true
  return Object.entries(seen).some(([name, value]) => value !== known.metrics[name as keyof Metrics])
}
