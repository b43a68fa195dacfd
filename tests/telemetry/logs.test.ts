import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { telemetrySettings } from '#shared/runtime/config.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { inSpan } from '#shared/telemetry/span.ts'
import { openTelemetry } from '#shared/telemetry/telemetry.ts'

interface Received {
  readonly path: string
  readonly body: {
    readonly resourceLogs: {
      readonly scopeLogs: {
        readonly logRecords: {
          readonly severityText: string
          readonly severityNumber: number
          readonly traceId?: string
          readonly spanId?: string
          readonly body: { readonly stringValue: string }
          readonly attributes: { readonly key: string; readonly value: object }[]
        }[]
      }[]
    }[]
  }
}

/** A collector in a process of its own, and what it has received by path. */
async function openCollector() {
  const receiver = spawn(process.execPath, [join(import.meta.dirname, '../setup/otlp-receiver.ts')])
  onTestFinished(() => void receiver.kill())
  const [line] = await once(receiver.stdout, 'data')
  const url = String(line).trim()
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', url)
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json')
  onTestFinished(() => void vi.unstubAllEnvs())
  return { received: async () => (await (await fetch(url)).json()) as Received[] }
}

const secret = 'word-of-the-collector'

test('each signal is sent unless its exporter is none; a line of the log goes with its trace, without secrets', async () => {
  const { received } = await openCollector()
  vi.stubEnv('OTEL_METRICS_EXPORTER', 'none')
  const telemetry = await openTelemetry(telemetrySettings(process.env))
  expect(telemetry.enabled).toBe(false)
  const lines: string[] = []
  const stream = { write: (line: string) => void lines.push(line) }
  const log = openLogger({ level: 'info', fields: { function: 'poll' }, secrets: [secret], stream })
  const traceparent = await inSpan('a sync', {}, async (span) => {
    log.warn({ error: new Error(`no answer to ${secret}`), pages: 3 }, 'the platform is away')
    log.debug({}, 'not written, not sent')
    return span.traceparent
  })
  log.info({}, 'outside')
  await telemetry.flush()
  const all = await received()
  expect(new Set(all.map(({ path }) => path))).toEqual(new Set(['/v1/traces', '/v1/logs']))
  const records = all
    .filter(({ path }) => path === '/v1/logs')
    .flatMap(({ body }) =>
      body.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap((one) => one.logRecords)),
    )
  expect(
    records.map(({ body, severityText, severityNumber }) => [body.stringValue, severityText, severityNumber]),
  ).toEqual([
    ['the platform is away', 'WARN', 13],
    ['outside', 'INFO', 9],
  ])
  const [, traceId, spanId] = traceparent?.split('-') ?? []
  expect(records[0]).toMatchObject({ traceId, spanId })
  expect(records[1]?.traceId ?? '').toBe('')
  const values = Object.fromEntries(
    records[0]?.attributes.map(({ key, value }) => [key, Object.values(value)[0]]) ?? [],
  )
  expect(values).toMatchObject({
    function: 'poll',
    pages: 3,
    'exception.type': 'Error',
    'exception.message': 'no answer to [secret]',
  })
  expect(JSON.stringify(all)).not.toContain(secret)
  // What stands on stdout is the same.
  expect(lines.map((line) => JSON.parse(line).message)).toEqual(['the platform is away', 'outside'])
})
