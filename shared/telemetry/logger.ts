import pino from 'pino'

/**
 * One JSON line per record, as Cloud Logging parses it: `message`, and `level` by exact name (yandex-cloud 1.10).
 * Line breaks stay inside JSON strings; long texts are cut so that a record stays under 64 KB.
 */
export type Logger = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error'>

export function openLogger(
  level: string,
  fields: Record<string, string> = {},
  stream: pino.DestinationStream = process.stdout,
): Logger {
  const options: pino.LoggerOptions = {
    level,
    messageKey: 'message',
    base: fields,
    formatters: { level: (label) => ({ level: label.toUpperCase() }) },
    serializers: { error: (error: unknown) => describe(error) },
  }
  return pino(options, stream)
}

const longest = 8_000

/** An error for the log: message, code and stack, and the same of its causes; cut, without foreign fields. */
function describe(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return String(error).slice(0, longest)
  return {
    name: error.name,
    message: error.message.slice(0, longest),
    ...('code' in error ? { code: String(error.code) } : {}),
    ...(depth === 0 ? { stack: error.stack?.slice(0, longest) } : {}),
    ...(error.cause !== undefined && depth < 3 ? { cause: describe(error.cause, depth + 1) } : {}),
  }
}
