import { Runtime, type Logger as TemporalLogger } from '@temporalio/worker'
import type { Logger } from '#shared/telemetry/logger.ts'

const levels = { TRACE: 'debug', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const

/** Our log as Temporal writes into it. */
export function logOf(log: Logger): TemporalLogger {
  const write: TemporalLogger['log'] = (level, message, meta) =>
    log[levels[level]]({ ...meta, error: meta?.['error'] }, message)
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  }
}

/** Has the worker write its log into ours; the first call in a process counts, and is to come before anything of Temporal is opened. */
export function logInto(log: Logger): void {
  if (isInstalled) return
  const logging = { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } as const
  Runtime.install({ logger: logOf(log), telemetryOptions: { logging } })
  isInstalled = true
}

let isInstalled = false
