import type { Reservation } from '#shared/db/tables/quota-windows.ts'
import type { QuotaNeed } from '#shared/model/quota.ts'

/** Nothing was asked: the tasks wait for the pool. */
export class OutOfQuota extends Error {
  readonly refusal: Extract<Reservation, { granted: false }>

  constructor(refusal: OutOfQuota['refusal']) {
    super(`${refusal.window.pool} is used up`)
    this.refusal = refusal
  }
}

/** What is asked, and what it takes. */
export interface Call {
  readonly endpoint: string
  readonly need: QuotaNeed
}
