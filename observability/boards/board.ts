/** A panel: what it asks of Prometheus and of New Relic, and how people see it. */
export interface Panel {
  readonly title: string
  readonly as: 'number' | 'lines' | 'bars'
  readonly unit: 'short' | 's' | 'percentunit' | 'ops' | 'bytes' | 'currencyUSD'
  /** In PromQL; `$name` stands for what is chosen of a variable of the board. */
  readonly expr: string
  /** In NRQL, without the TIMESERIES of lines. */
  readonly nrql: string
  /** A line's name, by labels; a number has none. */
  readonly legend?: string
  /** From here on it is red. */
  readonly bad?: number
  readonly about?: string
}

/** What people choose of: the values of a label of a metric, or all. */
export interface Variable {
  readonly name: string
  readonly label: string
  readonly of: string
  readonly metric: string
}

export interface Board {
  readonly uid: string
  readonly title: string
  readonly variables?: readonly Variable[]
  readonly panels: readonly Panel[]
}

/** How long a share of the calls took at most, by a label. */
export const duration = (quantile: number, metric: string, label: string) =>
  `histogram_quantile(${quantile}, sum by (le, ${label}) (rate(${metric}_bucket[$__rate_interval])))`

/** In NRQL: the sum of the last values of a gauge, which is recorded at least each half hour. */
export const total = (metric: string, label: string, where?: string) =>
  `SELECT sum(value) FROM (SELECT latest(${metric}) AS value FROM Metric${where === undefined ? '' : ` WHERE ${where}`} FACET ${label} LIMIT MAX) SINCE 1 hour ago`
