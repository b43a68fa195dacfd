import { expect, test } from 'vitest'
import { telemetrySettings } from '#shared/runtime/config.ts'
import { openSpan } from '#shared/telemetry/span.ts'
import { openTelemetry } from '#shared/telemetry/telemetry.ts'
import { openSimulator } from '../../local/simulators/server.ts'

test('a collector that is away harms nothing', async () => {
  const collector = await openSimulator({ answer: () => ({ status: 200, body: {} }), named: {} })
  await collector.close()
  const telemetry = await openTelemetry(
    telemetrySettings({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_TRACES_SAMPLER_ARG: '1',
    }),
  )
  openSpan('lost').end()
  await expect(telemetry.flush()).resolves.toBeUndefined()
})
