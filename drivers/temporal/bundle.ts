import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import type { Logger } from '#shared/telemetry/logger.ts'
import { logOf } from './log.ts'

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** As `npm run build` puts it into the image. */
const codePath = file('./workflows.cjs')

/** Workflows run in a sandbox, from one file: that of the image, or else one that takes seconds to make, once a process. */
export async function workflowBundle(
  log: Logger,
): Promise<WorkflowBundleWithSourceMap | { codePath: string }> {
  if (existsSync(codePath)) return { codePath }
  const logger = logOf(log)
  bundled ??= bundleWorkflowCode({
    workflowsPath: file('./workflows.ts'),
    logger: { ...logger, info: logger.debug },
    workflowInterceptorModules: [file('./trace-in-workflow.ts')],
  })
  return bundled
}

let bundled: Promise<WorkflowBundleWithSourceMap> | undefined
