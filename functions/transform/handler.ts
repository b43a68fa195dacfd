import { openCopy } from '#functions/copy/open.ts'
import { type CopyDeps, runCopy } from '#functions/copy/run.ts'
import { openSubmit } from '#functions/submit/open.ts'
import { runSubmit, type SubmitDeps } from '#functions/submit/run.ts'
import type { Send } from '#shared/model/message.ts'
import { functionSettings } from '#shared/runtime/config.ts'
import { type CloudFunction, cloudHandler } from '#shared/runtime/handler.ts'
import { within } from '#shared/within.ts'
import { openTransform } from './open.ts'
import { runTransform, type TransformDeps } from './run.ts'

interface Opened {
  readonly transform: TransformDeps
  readonly submit: SubmitDeps
  /** undefined: pictures are not copied. */
  readonly copy: CopyDeps | undefined
  readonly ringTransform: Send
}

const budgetMs = 40_000

/** Rung when pages are stored. What is left when time runs out is rung for again; ML jobs it planned get a quarter of it. */
export const fn: CloudFunction<typeof functionSettings.transform, Opened> = {
  name: 'transform',
  settings: functionSettings.transform,
  budgetMs,
  open: (ports, config) => ({
    transform: openTransform(ports, config),
    copy: openCopy(ports, config),
    submit: openSubmit(ports, config),
    ringTransform: ports.sender(config.TRANSFORM_QUEUE_URL),
  }),
  call: async ({ transform, submit, copy, ringTransform }, _event, signal) => {
    const { pages, planned, more } = await within((copy ? 0.6 : 0.75) * budgetMs, signal, (share) =>
      runTransform(transform, { of: 'due' }, share),
    )
    if (more) await ringTransform([{ v: 1, kind: 'transform' }])
    if (planned > 0 && copy) await within(0.15 * budgetMs, signal, (share) => runCopy(copy, share))
    if (planned > 0) await within(budgetMs / 4, signal, (share) => runSubmit(submit, share))
    return { transformed: pages }
  },
}

export const handler = cloudHandler(fn)
