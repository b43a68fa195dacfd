/** A raw answer outside of PostgreSQL. */
export interface FarBody {
  /** A UUID, by which its ledger line names it. */
  readonly key: string
  readonly body: Buffer
  /** When the store may drop it by itself; null: never. */
  readonly expiresAt: Date | null
}

/**
 * Where raw answers lie outside of PostgreSQL. Each call may be made twice. Whatever the store does, a request of it (up to four
 * megabytes) is answered in its time or is a StoreAway.
 */
export interface FarBodies {
  put(bodies: readonly FarBody[]): Promise<void>
  /** By their keys; one that is gone is missing. */
  get(keys: readonly string[]): Promise<Map<string, string>>
  remove(keys: readonly string[]): Promise<void>
  /** Lets the store keep them until then; null: for good. One that is gone stays so. */
  prolong(keys: readonly string[], expiresAt: Date | null): Promise<void>
  close(): Promise<void>
}
