import pino from 'pino'
import { exportLine } from './log-export.ts'
import { currentIds } from './span.ts'

/**
 * One JSON line per record, as Cloud Logging parses it: `message`, and `level` by exact name (Cloud Functions, logs).
 * Line breaks stay inside JSON strings; a record stays under 64 KB; secrets given are never written. Where logs are exported, the same goes there.
 */
export type Logger = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error'>

interface LoggerOptions {
  readonly level: string
  /** In every line. */
  readonly fields?: Readonly<Record<string, string>>
  /** Values that must not be written, wherever they come from. */
  readonly secrets?: readonly string[]
  readonly stream?: pino.DestinationStream
}

export function openLogger({
  level,
  fields = {},
  secrets = [],
  stream = process.stdout,
}: LoggerOptions): Logger {
  const options: pino.LoggerOptions = {
    level,
    messageKey: 'message',
    base: fields,
    formatters: { level: (label) => ({ level: label.toUpperCase() }) },
    serializers: { error: (error: unknown) => describe(error) },
    mixin: () => currentIds(),
  }
  return pino(options, {
    write: (line) => {
      const written = short(withoutSecrets(line, secrets))
      stream.write(written)
      exportLine(written)
    },
  })
}

const longest = 8_000
/** Cloud Logging splits larger records into plain text; the line and what it adds must fit into 64 KB. */
const longestLine = 60_000

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

/** As they are, and as they stand inside JSON. */
function withoutSecrets(line: string, secrets: readonly string[]): string {
  return secrets.reduce(
    (text, secret) =>
      text.replaceAll(secret, '[secret]').replaceAll(JSON.stringify(secret).slice(1, -1), '[secret]'),
    line,
  )
}

/** A line that is too long keeps its origin, and says that it was cut. */
function short(line: string): string {
  if (Buffer.byteLength(line) <= longestLine) return line
  const {
    level,
    time,
    function: name,
    message,
    trace_id,
    span_id,
  } = JSON.parse(line) as Record<string, unknown>
  const origin = { level, time, function: name, trace_id, span_id }
  const cut = { ...origin, message: String(message).slice(0, longest), cut: line.slice(0, longest) }
  return `${JSON.stringify(cut)}\n`
}
