import type { Platform } from '#shared/model/account.ts'

/** The product at work on this machine, by whichever driver; calls, ticks and rings have the names of functions. */
export interface Driven {
  readonly triggers: {
    /** Calls a function; `sync` is the HTTP API. */
    call(name: string, event: object): Promise<unknown>
    /** Does what the timer of a function does, and resolves when it is done. */
    tick(name: string): Promise<void>
    /** When the next of a function's timers fires, after a time of the world. */
    nextTick(name: string, from: Date): Date | undefined
    /** Nothing is running, and nothing that was rung is yet to begin. */
    idle(): boolean
  }
  /** Starts reading what is due of a platform; makes no new tasks. */
  ringExtract(platform: Platform): Promise<unknown>
  close(): Promise<void>
}
