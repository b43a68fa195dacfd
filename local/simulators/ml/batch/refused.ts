import type { status } from '@grpc/grpc-js'

export interface BatchSimulatorOptions {
  readonly now: () => Date
  readonly apiKey: string
  /** How long checking a dataset takes, and a run. */
  readonly checkMs?: number
  readonly runMs?: number
  /** Answers of which lines are missing, by their place. */
  readonly failing?: (line: number) => boolean
}

/** A status of gRPC that a call is refused with. */
export class Refused extends Error {
  readonly code: status

  constructor(code: status, message: string) {
    super(message)
    this.code = code
  }
}
