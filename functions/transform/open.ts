import type { StageConfig } from '#shared/runtime/config.ts'
import { planningOf } from '#shared/runtime/ml.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import type { TransformDeps } from './run.ts'

/** What transforming takes, of ports and settings. */
export function openTransform({ db, bodies, log }: Ports, config: StageConfig<'transform'>): TransformDeps {
  return { db, bodies, log, planning: planningOf(config), pageAttempts: config.PAGE_ATTEMPTS }
}
