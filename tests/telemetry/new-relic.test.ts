import { expect, onTestFinished, test, vi } from 'vitest'
import { telemetrySettings } from '#shared/runtime/config.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { instruments } from '#shared/telemetry/metrics.ts'
import { inSpan, openSpan } from '#shared/telemetry/span.ts'
import { openTelemetry } from '#shared/telemetry/telemetry.ts'
import { type Item, openNewRelic } from '../setup/new-relic.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

const licenseKey = 'license-of-new-relic'
const attributeOf = (item: Item, name: string) =>
  Object.values(item.attributes.find(({ key }) => key === name)?.value ?? {})[0]

test('New Relic takes all three signals of a whole sync, straight from functions, however much there is at once', async () => {
  const newRelic = await openNewRelic(licenseKey)
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', newRelic.url)
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', `api-key=${licenseKey}`)
  vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'cloud.provider=yandex_cloud,deployment.environment.name=test')
  onTestFinished(() => void vi.unstubAllEnvs())
  // The first one of a process is the one that all spans and lines go to.
  const telemetry = await openTelemetry(telemetrySettings(process.env))
  const world = await openTestWorld({ observations: fewAccounts(1) })
  await world.within(({ runOnce }) => runOnce())
  await telemetry.flush()
  // More than a megabyte of each signal that grows, with texts too long to be kept.
  const log = openLogger({
    level: 'info',
    fields: { function: 'poll' },
    secrets: [],
    stream: { write: () => undefined },
  })
  await inSpan('many', {}, async () => {
    for (let index = 0; index < 200; index += 1) {
      log.error({ error: new Error('x'.repeat(5_000)), cause: 'y'.repeat(5_000) }, 'long')
      openSpan('long', {
        attributes: { 'social_sync.text': 'z'.repeat(5_000), 'social_sync.more': 'w'.repeat(5_000) },
      }).end()
    }
  })
  await telemetry.flush()
  const { taken, refused, dropped, sizes } = newRelic
  expect(refused).toEqual([])
  expect(dropped).toEqual([])
  expect(sizes.length).toBeGreaterThan(5)
  expect(taken['/v1/logs'].length).toBeGreaterThanOrEqual(200)
  const spans = taken['/v1/traces']
  expect(spans.filter(({ name }) => name === 'long')).toHaveLength(200)
  for (const name of ['extract-youtube', 'walk', 'page', 'ML submit', 'apply'])
    expect(spans.map((span) => span['name'])).toContain(name)
  const called = spans.filter((span) => span['name'] === 'extract-youtube')
  expect(called.map((span) => attributeOf(span, 'faas.coldstart'))).toContain(true)
  for (const span of called) {
    expect(attributeOf(span, 'faas.name')).toBe('extract-youtube')
    expect(attributeOf(span, 'faas.trigger')).toMatch(/timer|pubsub/)
    expect(attributeOf(span, 'faas.invocation_id')).toMatch(/^[\w-]+$/)
  }
  const resource = Object.fromEntries(
    spans[0]?.resource.map(({ key, value }) => [key, value?.stringValue]) ?? [],
  )
  expect(resource).toMatchObject({
    'service.name': 'social-sync',
    'cloud.provider': 'yandex_cloud',
    'deployment.environment.name': 'test',
  })
  const names = new Set(taken['/v1/metrics'].map(({ name }) => String(name)))
  for (const name of ['social_sync.tick.duration', 'social_sync.records', 'faas.coldstarts'])
    expect([...names]).toContain(name)
  for (const name of names) expect(instruments).toHaveProperty([name])
})

test('the stand-in refuses and drops what New Relic would', async () => {
  const { url, refused, dropped } = await openNewRelic(licenseKey)
  const send = (headers: Record<string, string>, body: Buffer) =>
    fetch(`${url}/v1/logs`, { method: 'POST', headers, body: new Uint8Array(body) })
  const key = { 'api-key': licenseKey }
  const protobuf = { ...key, 'content-type': 'application/x-protobuf' }
  await send({ ...protobuf, 'api-key': 'another' }, Buffer.alloc(0))
  await send({ ...key, 'content-type': 'application/json' }, Buffer.from('{}'))
  await send(protobuf, Buffer.alloc(1_000_001))
  await send(protobuf, Buffer.from('this is no protobuf'))
  expect(refused.map((line) => line.slice(-3))).toEqual(['403', '415', '413', '400'])
  // ResourceLogs > ScopeLogs > LogRecord, with no resource.
  await send(protobuf, Buffer.from([0x0a, 4, 0x12, 2, 0x12, 0]))
  expect(dropped).toEqual(['/v1/logs line: without service.name'])
})
