import type { MlInput, MlKind } from '../model/ml-job.ts'
import type { QuotaWindow } from '../model/quota.ts'

/** What is sent to a provider. */
export interface MlRequest {
  readonly key: string
  readonly kind: MlKind
  readonly model: string
  readonly input: MlInput
  /** W3C trace context, passed on to the provider. */
  readonly traceparent: string | null
}

/** The provider took the job. */
export interface MlAccepted {
  readonly jobId: string
  /** It is not to be asked about sooner. */
  readonly afterMs: number | undefined
  /** Where the provider has the result at once. */
  readonly answer?: LastAnswer
}

/** What a provider says of one job. */
export type MlAnswer =
  | {
      readonly state: 'pending'
      readonly afterMs: number | undefined
      /** The answer did not mention the job. */
      readonly isUntold?: boolean
    }
  | { readonly state: 'done'; readonly result: object; readonly modelVersion: string | null }
  | {
      readonly state: 'failed'
      readonly error: { readonly code: string; readonly message: string }
      readonly retryable: boolean
    }
  /** The provider does not know the job. */
  | { readonly state: 'unknown' }
  /** The result was thrown away before it was fetched. */
  | { readonly state: 'gone' }
  /** Not an answer of the contract; kept for a person. */
  | { readonly state: 'broken'; readonly body: string }

/** The last word on a job. */
export type LastAnswer = Exclude<MlAnswer, { readonly state: 'pending' | 'unknown' }>

/**
 * An ML provider that takes a job now and has its result in minutes to days. Refusals are thrown as verdicts
 * (see errors.ts); `maybeDone`: the job may have been accepted all the same.
 */
export interface MlProvider {
  /** The same key gives the same job; if not, a lost answer may be paid twice. */
  readonly idempotent: boolean
  /** Jobs sent at once; absent: as many as any. Those that are sent the pictures themselves take room in memory. */
  readonly inFlight?: number
  /** Jobs one `ask` carries, as far as is known by now. */
  readonly batchSize: number
  /** Notes whether an `ask` about so many jobs went well. */
  learnSize(jobs: number, isGood: boolean): void
  /** Calls that asking about so many jobs takes, as far as is known by now. */
  callsFor(jobs: number): number
  /** The signal ends it only where the same key gives the same job: elsewhere a lost answer is paid for twice. */
  submit(request: MlRequest, signal: AbortSignal): Promise<MlAccepted>
  ask(jobIds: readonly string[], signal: AbortSignal): Promise<Map<string, MlAnswer>>
  /** Jobs are sent to it many at once; absent: one by one. */
  readonly gathering?: Gathering
  /** Removes what is of no use any more at its side; absent: nothing is kept there. Returns what could not be removed. */
  tidy?(
    openOf: (runs: readonly string[]) => Promise<readonly string[]>,
    now: Date,
    signal: AbortSignal,
  ): Promise<readonly unknown[]>
  /** Whether anything answers at all, found out by a call that costs and changes nothing. */
  isUp(signal: AbortSignal): Promise<boolean>
}

/** How a provider takes jobs in runs, each of which has a price of its own. */
export interface Gathering {
  /** Jobs in a run at most. */
  readonly most: number
  /** With fewer a run waits for others, */
  readonly least: number
  /** but no job longer than so. */
  readonly waitMs: number
  /** What became of each, in order. Throws a verdict on all of them. Ids of jobs are `RUN/…`. */
  submitAll(
    requests: readonly MlRequest[],
    signal: AbortSignal,
  ): Promise<readonly PromiseSettledResult<MlAccepted>[]>
}

/** Who is asked about jobs. */
export interface Asking {
  /** Its name in the settings, by which jobs are its. */
  readonly name: string
  readonly provider: MlProvider
  /** Calls allowed; a block of its pool is the circuit breaker. */
  readonly window: QuotaWindow
}

/** Who is sent jobs. */
export interface Sending extends Asking {
  /** A job fails when it was sent so often. */
  readonly attempts: number
  /** A job that was taken is given up after so long. */
  readonly deadlineMs: number
  /** Price of a job in US dollars; absent: none is known. */
  readonly usd?: number | undefined
  /** Jobs that may be sent in a day; absent: any number. */
  readonly daily?: QuotaWindow | undefined
}
