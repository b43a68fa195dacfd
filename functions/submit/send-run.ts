import type { Db } from '#shared/db/pool.ts'
import type { ReservedWindow } from '#shared/db/tables/quota-windows.ts'
import type { MediaDoor } from '#shared/media/address.ts'
import type { Bucket } from '#shared/media/bucket.ts'
import type { Sending } from '#shared/ml/provider.ts'
import type { MlRoute } from '#shared/model/ml-job.ts'

export interface JobProblem {
  readonly id: string
  readonly reason: string
}

/** Sending to one provider, and what has come of it. */
export interface SendRun extends Sending {
  readonly db: Db
  readonly random: () => number
  readonly routes: readonly MlRoute[]
  readonly media?: MediaDoor | undefined
  /** Where copies of pictures are; absent: none are made. */
  readonly bucket?: Bucket | undefined
  /** Whether results are taken over from pictures that look the same. */
  readonly byLooks?: boolean
  readonly signal: AbortSignal
  /** Tasks that had nothing to send, and jobs given up, by which tasks may be complete. */
  readonly tasks: string[]
  readonly unwanted: string[]
  readonly failed: JobProblem[]
  readonly replaced: string[]
  sent: number
  until: Date | null
  /** Whether jobs were made that other providers are to be sent. */
  forOthers: boolean
  /** Where the last call was reserved from. */
  reserved: ReservedWindow | undefined
}
