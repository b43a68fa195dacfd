import { type CopyDeps, runCopy } from '#functions/copy/run.ts'
import { runSubmit, type SubmitDeps } from '#functions/submit/run.ts'
import type { Send } from '#shared/model/message.ts'
import { stageSettings } from '#shared/runtime/config.ts'
import { type CloudFunction, cloudHandler } from '#shared/runtime/handler.ts'
import { bucketOf, mediaDoor, picturesOf } from '#shared/runtime/media.ts'
import { openMl } from '#shared/runtime/ml.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { within } from '#shared/within.ts'
import { recordGauges } from './gauges.ts'
import { type PollDeps, runPoll } from './run.ts'

interface Opened {
  readonly poll: PollDeps
  readonly submit: SubmitDeps
  /** undefined: pictures are not copied. */
  readonly copy: CopyDeps | undefined
  readonly ringTransform: Send
  readonly ports: Ports
}

const budgetMs = 50_000

/** Each minute: asks about ML jobs, which gets most of the time, copies pictures, sends planned jobs, and rings for pages that wait. */
export const fn: CloudFunction<typeof stageSettings.poll, Opened> = {
  name: 'poll',
  settings: stageSettings.poll,
  budgetMs,
  open: (ports, config) => {
    const { db, log, random } = ports
    const { askers, senders, routes } = openMl(ports, config)
    const bucket = bucketOf(ports, config)
    const byLooks = bucket !== undefined && config.MEDIA_SAME === 'looks'
    return {
      ports,
      copy: bucket && { db, log, random, bucket, fetchPicture: picturesOf(ports, config), byLooks },
      poll: { db, log, random, askers, routes, askMs: 0.6 * budgetMs },
      submit: { db, random, senders, routes, media: mediaDoor(config), bucket, byLooks },
      ringTransform: ports.sender(config.TRANSFORM_QUEUE_URL),
    }
  },
  call: async ({ poll, submit, copy, ringTransform, ports }, _event, signal) => {
    const { asked, finished, submitDue, pagesDue, copiesDue } = await runPoll(poll, signal)
    if (pagesDue) await ringTransform([{ v: 1, kind: 'transform' }])
    if (copy && copiesDue) await within(0.2 * budgetMs, signal, (share) => runCopy(copy, share))
    const sent = submitDue ? await runSubmit(submit, signal) : undefined
    await recordWhenHeard(ports)
    return { asked, finished: finished.length + (sent?.finished.length ?? 0) }
  },
}

/** Metrics are not worth a failed tick. */
async function recordWhenHeard({ db, log, telemetry }: Ports): Promise<void> {
  const { enabled } = await telemetry()
  if (enabled) await recordGauges(db).catch((error) => log.warn({ error }, 'metrics could not be read'))
}

export const handler = cloudHandler(fn)
