import { expect, test } from 'vitest'
import { telemetrySettings } from '#shared/runtime/config.ts'
import { record } from '#shared/telemetry/metrics.ts'
import { openSpan } from '#shared/telemetry/span.ts'
import { openTelemetry } from '#shared/telemetry/telemetry.ts'
import { openSimulator } from '../../local/simulators/server.ts'

test('a collector that refuses metrics alone is left alone too, and nothing is thrown', async () => {
  const collector = await openSimulator({
    answer: ({ path }) => ({ status: path === '/v1/metrics' ? 400 : 200, body: {} }),
    named: {},
  })
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url
  const telemetry = await openTelemetry(
    telemetrySettings({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_TRACES_SAMPLER_ARG: '1',
    }),
  )
  for (let call = 0; call < 5; call += 1) {
    openSpan('sent').end()
    record('social_sync.tick.duration', 0.1)
    await telemetry.flush()
  }
  expect(collector.calls.get('/v1/metrics')).toBe(1)
  expect(collector.calls.get('/v1/traces')).toBe(1)
  await collector.close()
})
