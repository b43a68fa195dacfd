import { createServer, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { telemetrySettings } from '#shared/runtime/config.ts'
import { openSpan } from '#shared/telemetry/span.ts'
import { openTelemetry } from '#shared/telemetry/telemetry.ts'

/** A collector that takes connections and never answers. */
async function openSilent() {
  let connections = 0
  const server: Server = createServer(() => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { url: `http://127.0.0.1:${port}`, connections: () => connections }
}

const exportTo = (url: string) => {
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = url
  return openTelemetry(
    telemetrySettings({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_TRACES_SAMPLER_ARG: '1',
    }),
  )
}

test('without a collector nothing is exported, and trace contexts still pass through', async () => {
  const telemetry = await openTelemetry(
    telemetrySettings({
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_TRACES_SAMPLER_ARG: '1',
    }),
  )
  expect(telemetry.enabled).toBe(false)
  await telemetry.flush()
  const caller = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  expect(openSpan('of a caller', { parent: caller }).traceparent).toBe(caller)
  expect(openSpan('unsent', { parent: null }).traceparent).toBeNull()
})

test('a collector that never answers is asked once and then left alone for a while, without an error', async () => {
  const silent = await openSilent()
  const telemetry = await exportTo(silent.url)
  openSpan('lost').end()
  await telemetry.flush()
  const asked = silent.connections()
  expect(asked).toBeGreaterThan(0)
  for (let call = 0; call < 20; call += 1) {
    openSpan('lost').end()
    await telemetry.flush()
  }
  expect(silent.connections()).toBe(asked)
})
