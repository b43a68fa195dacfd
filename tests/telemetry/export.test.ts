import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { noteFault } from '#shared/db/tables/app-faults.ts'
import { instruments } from '#shared/telemetry/metrics.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string }
}
interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly attributes: readonly Attribute[]
}
interface ReceivedMetric {
  readonly name: string
  readonly unit: string
  readonly sum?: { readonly aggregationTemporality: number }
  readonly histogram?: { readonly aggregationTemporality: number }
}

const spans: ReceivedSpan[] = []
const metrics: ReceivedMetric[] = []
let raw = ''
let taskTrace = ''
let receiver: ReturnType<typeof spawn>

/** One account synced to the end, with a receiver in a process of its own. */
beforeAll(async () => {
  receiver = spawn(process.execPath, [join(import.meta.dirname, '../setup/otlp-receiver.ts')])
  const [line] = receiver.stdout ? await once(receiver.stdout, 'data') : ['']
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = String(line).trim()
  process.env['OTEL_EXPORTER_OTLP_PROTOCOL'] = 'http/json'
  process.env['OTEL_EXPORTER_OTLP_HEADERS'] = 'authorization=Api-Key collector-secret'
})
afterAll(() => void receiver.kill())

test('what a sync did is received before its functions return', async () => {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  // One strange field, and an access mode in which the app is refused.
  const edit = (body: unknown) => {
    const { items } = body as { items: { statistics: object }[] }
    return {
      ...(body as object),
      items: items.map((item) => ({ ...item, statistics: { viewCount: 'many' } })),
    }
  }
  world.simulators.youtube.plan({ path: '/youtube/v3/videos', times: 1, edit })
  const refused = {
    platform: 'tiktok',
    access_mode: 'research',
    code: 'x',
    message: 'x',
    remedy: 'x',
  } as const
  await noteFault(world.db, refused)
  await world.within(async ({ runOnce, cloud }) => {
    await runOnce()
    // An invariant that is broken is counted by the next check.
    await world.db.rows(sql`update raw_pages set records_in = records_in + 1 where status = 'transformed'`)
    await cloud.triggers.tick('maintain')
  })
  const [task] = await world.db.rows<{ traceparent: string }>(sql`select traceparent from sync_tasks`)
  taskTrace = task?.traceparent.split('-')[1] ?? ''
  raw = await (await fetch(process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '')).text()
  for (const { path, body, authorization } of JSON.parse(raw)) {
    expect(authorization).toBe('Api-Key collector-secret')
    if (path === '/v1/traces')
      spans.push(
        ...body.resourceSpans
          .flatMap((one: never) => one['scopeSpans'])
          .flatMap((one: never) => one['spans']),
      )
    if (path === '/v1/metrics')
      metrics.push(
        ...body.resourceMetrics
          .flatMap((one: never) => one['scopeMetrics'])
          .flatMap((one: never) => one['metrics']),
      )
  }
  const names = new Set(spans.map(({ name }) => name))
  const expected = [
    'extract-youtube',
    'transform',
    'poll',
    'claim',
    'look up',
    'walk',
    'GET',
    'POST',
    'batch',
    'page',
    'ML submit',
    'ask',
    'apply',
  ]
  expect([...names]).toEqual(expect.arrayContaining(expected))
})

test('one sync is one trace, from its walk to its annotations, linked to the calls of functions that worked for it', () => {
  const trace = spans.filter((span) => span.traceId === taskTrace)
  const byName = (name: string) => trace.filter((span) => span.name === name)
  const spanOf = new Map(spans.map((span) => [span.spanId, span]))
  const linked = (span: ReceivedSpan) => (span.links ?? []).flatMap((link) => spanOf.get(link.spanId) ?? [])
  const rootOf = (span: ReceivedSpan): ReceivedSpan => {
    const parent = spanOf.get(span.parentSpanId ?? '')
    return parent ? rootOf(parent) : span
  }
  const [walk] = byName('walk')
  if (!walk) throw new Error('no walk')
  expect(walk.parentSpanId ?? '').toBe('')
  // From the timer, over a link, to the walk; and from the walk, by parents, to every annotation.
  expect(linked(walk).map((span) => rootOf(span).name)).toEqual(['extract-youtube'])
  expect(byName('GET').length).toBeGreaterThan(0)
  expect(byName('page').length).toBeGreaterThan(1)
  expect(byName('ML submit').length).toBeGreaterThan(10)
  expect(byName('apply')).toHaveLength(byName('ML submit').length)
  for (const span of trace) expect(rootOf(span)).toBe(walk)
  for (const page of byName('page')) expect(linked(page).map(({ name }) => name)).toEqual(['batch'])
  for (const applied of byName('apply'))
    expect(linked(applied).map((span) => rootOf(span).name)).toEqual(['poll'])
})

test('no span of a sync lasts over the waiting: no later call of a function lies within one', () => {
  const within = (outer: ReceivedSpan, inner: ReceivedSpan) =>
    BigInt(outer.startTimeUnixNano) < BigInt(inner.startTimeUnixNano) &&
    BigInt(inner.endTimeUnixNano) < BigInt(outer.endTimeUnixNano)
  const ticks = spans.filter(({ name }) => name === 'poll')
  expect(ticks.length).toBeGreaterThan(1)
  for (const span of spans.filter(({ traceId }) => traceId === taskTrace))
    expect(
      ticks.filter((tick) => within(span, tick)),
      span.name,
    ).toEqual([])
})

test('metrics have the names and units of the list, and delta temporality', () => {
  expect(metrics.length).toBeGreaterThan(8)
  let temporalities = 0
  for (const { name, unit, sum, histogram } of metrics) {
    expect(instruments).toHaveProperty([name, 'unit'], unit)
    const temporality = (sum ?? histogram)?.aggregationTemporality
    if (temporality === undefined) continue
    temporalities += 1
    expect(temporality, name).toBe(1)
  }
  expect(temporalities).toBeGreaterThan(5)
  const names = new Set(metrics.map(({ name }) => name))
  expect(Object.keys(instruments).filter((name) => !names.has(name))).toEqual([])
})

test('no secret and no query is among what is exported', () => {
  expect(spans.length).toBeGreaterThan(0)
  const exported = JSON.stringify([spans, metrics])
  for (const secret of ['simulated-youtube-key', 'collector-secret', 'k'.repeat(32), 'key='])
    expect(exported).not.toContain(secret)
})
