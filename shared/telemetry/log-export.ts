import { type AnyValue, logs, SeverityNumber } from '@opentelemetry/api'

const severities: Readonly<Record<string, SeverityNumber>> = {
  DEBUG: SeverityNumber.DEBUG,
  INFO: SeverityNumber.INFO,
  WARN: SeverityNumber.WARN,
  ERROR: SeverityNumber.ERROR,
}

interface Line {
  readonly level: string
  /** Milliseconds. */
  readonly time: number
  readonly message?: string
  readonly error?: { readonly name?: string; readonly message?: string; readonly stack?: string } | string
  readonly [field: string]: unknown
}

/**
 * Hands a line of the log, as it was written, to the SDK, which gives it the trace and span that are active. Without a registered SDK it
 * is not looked at. An error has the names of OpenTelemetry's conventions for exceptions.
 */
export function exportLine(line: string): void {
  const logger = logs.getLogger('social-sync')
  if (!logger.enabled()) return
  const {
    level,
    time,
    message = '',
    error,
    trace_id: _trace,
    span_id: _span,
    ...fields
  } = JSON.parse(line) as Line
  logger.emit({
    timestamp: time,
    severityNumber: severities[level] ?? SeverityNumber.INFO,
    severityText: level,
    body: message,
    attributes: { ...(fields as Record<string, AnyValue>), ...exceptionOf(error) },
  })
}

function exceptionOf(error: Line['error']): Record<string, AnyValue> {
  if (error === undefined) return {}
  if (typeof error === 'string') return { 'exception.message': error }
  return {
    ...(error.name === undefined ? {} : { 'exception.type': error.name }),
    ...(error.message === undefined ? {} : { 'exception.message': error.message }),
    ...(error.stack === undefined ? {} : { 'exception.stacktrace': error.stack }),
  }
}
