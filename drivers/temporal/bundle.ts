import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import type { Logger } from '#shared/telemetry/logger.ts'
import { logOf } from './log.ts'

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** Workflows run in a sandbox, from one file that takes seconds to make: once a process. */
export function workflowBundle(log: Logger): Promise<WorkflowBundleWithSourceMap> {
  const logger = logOf(log)
  bundled ??= bundleWorkflowCode({
    workflowsPath: file('./workflows.ts'),
    logger: { ...logger, info: logger.debug },
    workflowInterceptorModules: [file('./trace-in-workflow.ts')],
  })
  return bundled
}

let bundled: Promise<WorkflowBundleWithSourceMap> | undefined
