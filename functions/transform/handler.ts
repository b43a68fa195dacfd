import { type CopyDeps, runCopy } from '#functions/copy/run.ts'
import { runSubmit, type SubmitDeps } from '#functions/submit/run.ts'
import type { Send } from '#shared/model/message.ts'
import { stageSettings } from '#shared/runtime/config.ts'
import { type CloudFunction, cloudHandler } from '#shared/runtime/handler.ts'
import { bucketOf, mediaDoor, picturesOf } from '#shared/runtime/media.ts'
import { openMl, planningOf } from '#shared/runtime/ml.ts'
import { within } from '#shared/within.ts'
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
export const fn: CloudFunction<typeof stageSettings.transform, Opened> = {
  name: 'transform',
  settings: stageSettings.transform,
  budgetMs,
  open: (ports, config) => {
    const { db, log, random } = ports
    const { senders, routes } = openMl(ports, config)
    const bucket = bucketOf(ports, config)
    const byLooks = bucket !== undefined && config.MEDIA_SAME === 'looks'
    return {
      copy: bucket && { db, log, random, bucket, fetchPicture: picturesOf(ports, config), byLooks },
      transform: { db, log, planning: planningOf(config), pageAttempts: config.PAGE_ATTEMPTS },
      submit: { db, random, senders, routes, media: mediaDoor(config), bucket, byLooks },
      ringTransform: ports.sender(config.TRANSFORM_QUEUE_URL),
    }
  },
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
