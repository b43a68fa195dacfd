import type { ApiDeps } from '#functions/sync/deps.ts'
import { budgetMs, serve } from '#functions/sync/serve.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { inTick } from '#shared/runtime/tick.ts'
import { within } from '#shared/within.ts'

export type Answering = (event: object) => Promise<object>

/** Answers requests in the time, span and metrics of the function `sync`; what fails is a problem+json. */
export const answering =
  (ports: Ports, api: ApiDeps): Answering =>
  (event) =>
    inTick('sync', event, ports, () =>
      within(budgetMs, new AbortController().signal, (signal) => serve(api, event, signal)),
    )
