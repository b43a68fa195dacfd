/**
 * State that is shared for a short time, and may be lost: calls counted, answers remembered. Throws a StoreAway within a second when
 * it is away.
 */
export interface StateStore {
  /** Counts one more of this name; the count since the first one, with which a window of so many seconds begins. */
  count(name: string, windowS: number): Promise<number>
  /** What was kept under the name and has not ended. */
  get(name: string): Promise<string | undefined>
  /** Keeps a text for so many seconds. */
  put(name: string, text: string, seconds: number): Promise<void>
  close(): Promise<void>
}

/** State of the API, and whether it is outside of the database, which it spares what is asked again then. */
export interface ApiState extends StateStore {
  readonly isOutside: boolean
}
