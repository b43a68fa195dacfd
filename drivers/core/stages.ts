import { openCopy } from '#functions/copy/open.ts'
import type { CopyDeps } from '#functions/copy/run.ts'
import type { ExtractDeps } from '#functions/extract/deps.ts'
import { openExtract } from '#functions/extract/open.ts'
import { openMaintain } from '#functions/maintain/open.ts'
import type { MaintainDeps } from '#functions/maintain/run.ts'
import { openPoll } from '#functions/poll/open.ts'
import type { PollDeps } from '#functions/poll/run.ts'
import { openSubmit } from '#functions/submit/open.ts'
import type { SubmitDeps } from '#functions/submit/run.ts'
import { openTransform } from '#functions/transform/open.ts'
import type { TransformDeps } from '#functions/transform/run.ts'
import type { Db } from '#shared/db/pool.ts'
import type { Platform } from '#shared/model/account.ts'
import { platforms } from '#shared/platforms/registry.ts'
import { openMl } from '#shared/runtime/ml.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import type { WorkerConfig } from './settings.ts'

/** What the runs of all stages take. */
export interface Stages {
  readonly extract: ReadonlyMap<Platform, ExtractDeps>
  readonly transform: TransformDeps
  readonly submit: SubmitDeps
  readonly copy: CopyDeps | undefined
  readonly poll: PollDeps
  readonly maintain: MaintainDeps
}

/** Time for one run, for one call of poll and its copying of pictures, and for one of maintain: what is left over is done by the next. */
export const budgets = { runMs: 240_000, pollMs: 50_000, copyMs: 10_000, maintainMs: 240_000 }

/**
 * Puts together what the runs take, of ports and settings; connects nothing.
 * @param owner the database as the owner of its tables
 */
export function openStages(ports: Ports, config: WorkerConfig, owner: Db): Stages {
  const ml = openMl(ports, config)
  return {
    extract: new Map(platforms.map((one) => [one.name, openExtract(ports, config, one)])),
    transform: openTransform(ports, config),
    submit: openSubmit(ports, config, ml),
    copy: openCopy(ports, config),
    poll: openPoll(ports, config, 0.6 * budgets.pollMs, ml),
    maintain: openMaintain({ ...ports, db: owner }, config, budgets.maintainMs),
  }
}
