/** What has been opened and must be closed again, in two rounds. */
export interface Closers {
  /** Closed when the work under way has ended. */
  gently(close: () => Promise<unknown>): void
  /** Closed in any case: the database server, and the folder given back. */
  lastly(close: () => Promise<unknown>): void
  /** Closes everything, the newest first. */
  closeAll(): Promise<void>
  /** Closes only what must be closed, whatever is under way. */
  closeNow(): Promise<void>
}

export function openClosers(): Closers {
  const gentle: (() => Promise<unknown>)[] = []
  const last: (() => Promise<unknown>)[] = []
  const closeEach = async (closers: (() => Promise<unknown>)[]) => {
    for (const close of closers.splice(0).reverse()) {
      await close().catch((error: unknown) => process.stderr.write(`while closing: ${error}\n`))
    }
  }
  return {
    gently: (close) => void gentle.push(close),
    lastly: (close) => void last.push(close),
    closeAll: async () => {
      await closeEach(gentle)
      await closeEach(last)
    },
    closeNow: () => closeEach(last),
  }
}
