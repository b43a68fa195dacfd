import type { Closers } from './closers.ts'
import type { Options } from './options.ts'
import type { Standing } from './standing.ts'
import type { State } from './state.ts'
import type { Screen } from './view/screen.ts'

/** What a start is given, whatever it starts. */
export interface Start {
  readonly options: Options
  /** Where the local cloud keeps its state, data and logs. */
  readonly folder: string
  readonly state: State
  readonly screen: Screen
  readonly closers: Closers
  /** Given when the run is to end. */
  readonly signal: AbortSignal
}

export interface Outcome {
  readonly standing: Standing
  /** Why the run is not complete; null: it is. */
  readonly fault: string | null
}
