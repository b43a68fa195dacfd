import { runCopy } from '#functions/copy/run.ts'
import { runExtract } from '#functions/extract/run.ts'
import { runSubmit } from '#functions/submit/run.ts'
import { runTransform } from '#functions/transform/run.ts'
import type { Platform } from '#shared/model/account.ts'
import type { Logger } from '#shared/telemetry/logger.ts'
import { within } from '#shared/within.ts'
import { type SharedRun, sharedRun } from './shared-run.ts'
import { budgets, type Stages } from './stages.ts'
import type { Tracked } from './tracked.ts'

/** The runs that serve all tasks of a process. */
export interface Runs {
  extracting(platform: Platform): SharedRun
  readonly transforming: SharedRun
  readonly submitting: SharedRun
  /** Joins a run and waits for nothing. */
  background(run: SharedRun): void
}

interface RunsDeps {
  readonly stages: Stages
  readonly tracked: Tracked
  readonly log: Logger
  readonly stop: AbortSignal
  /** Called with tasks that became final by the end of an ML job. */
  readonly sayEnded: (taskIds: readonly string[]) => Promise<void>
}

/**
 * Runs that call each other on: pages that are kept are transformed while their list is read on, and jobs that a transform planned are
 * sent. Each ends after a while, and is begun again by those who still wait.
 */
export function openRuns({ stages, tracked, log, stop, sayEnded }: RunsDeps): Runs {
  const background = (run: SharedRun) =>
    void run
      .join()
      .catch((error: unknown) => log.error({ error }, 'a run failed; it is begun again when due'))
  const shared = (name: string, work: (signal: AbortSignal) => Promise<void>) =>
    sharedRun(() => tracked.run(name, () => within(budgets.runMs, stop, work)))

  const submitting = shared('submit', async (signal) => {
    const { copy, submit } = stages
    if (copy) await within(budgets.copyMs, signal, (share) => runCopy(copy, share))
    await sayEnded((await runSubmit(submit, signal)).finished)
  })
  const transforming = shared('transform', async (signal) => {
    const { planned } = await runTransform(stages.transform, { of: 'due' }, signal)
    if (planned > 0) background(submitting)
  })
  const onKept = async () => background(transforming)
  const extracting = new Map(
    [...stages.extract].map(([platform, deps]) => [
      platform,
      shared(`extract-${platform}`, async (signal) => {
        await runExtract(deps, { of: 'due', create: false }, signal, onKept)
      }),
    ]),
  )
  return {
    ...{ transforming, submitting, background },
    extracting: (platform) => {
      const run = extracting.get(platform)
      if (!run) throw new Error(`there is no platform ${platform} here`)
      return run
    },
  }
}
