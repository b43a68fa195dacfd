export interface SuiteOptions {
  /** A folder with recorded data in place of the generated world. */
  readonly dataset: string | undefined
  /** How often each figure is taken; the median counts. */
  readonly repeats: number
  /** Ad-hoc syncs behind a load. */
  readonly behind: boolean
  /** Posts of the largest size of `size`, and of `report`; undefined: as many as each has by default. */
  readonly posts: number | undefined
  /** Small sizes, to see that a suite works. */
  readonly quick: boolean
  readonly say: (line: string) => void
}

/** What a suite found: a table for people and the same figures for programs. */
export interface Report {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly notes?: readonly string[]
  readonly json: object
}
