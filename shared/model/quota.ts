/** One window of a limited right to call; counted in `quota_windows` under `pool`. */
export interface QuotaWindow {
  readonly pool: string
  readonly limit: number
  /** `rolling hour`: the limit holds for any 60 minutes, and is counted in slots of five. */
  readonly period: 'minute' | 'hour' | 'rolling hour' | 'day'
  /** Time zone in which the period begins, for example America/Los_Angeles. */
  readonly zone: string
}

/** What one call takes from each of its windows, widest first. */
export interface QuotaNeed {
  readonly units: number
  readonly windows: readonly QuotaWindow[]
}

/** Shares of a window that lanes leave to more urgent ones. */
export const reserves = { 'ad-hoc': 0, schedule: 0.05, backfill: 0.2 } as const

/**
 * The quota of one account begins with this name, by its id or, while that is unknown, its handle; it is erased with the
 * account.
 */
export const accountPool = (platform: string, name: string) => `${platform}.account.${name}`
