import { openCopy } from '#functions/copy/open.ts'
import { type CopyDeps, runCopy } from '#functions/copy/run.ts'
import { openSubmit } from '#functions/submit/open.ts'
import { runSubmit, type SubmitDeps } from '#functions/submit/run.ts'
import type { Send } from '#shared/model/message.ts'
import { functionSettings } from '#shared/runtime/config.ts'
import { type CloudFunction, cloudHandler } from '#shared/runtime/handler.ts'
import { openMl } from '#shared/runtime/ml.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { within } from '#shared/within.ts'
import { recordGauges } from './gauges.ts'
import { openPoll } from './open.ts'
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
export const fn: CloudFunction<typeof functionSettings.poll, Opened> = {
  name: 'poll',
  settings: functionSettings.poll,
  budgetMs,
  open: (ports, config) => {
    const ml = openMl(ports, config)
    return {
      ports,
      copy: openCopy(ports, config),
      poll: openPoll(ports, config, 0.6 * budgetMs, ml),
      submit: openSubmit(ports, config, ml),
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
