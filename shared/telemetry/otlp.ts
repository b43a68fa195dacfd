import { once } from 'node:events'
import { context, logs, metrics, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPLogExporter as LogsJson } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as LogsProtobuf } from '@opentelemetry/exporter-logs-otlp-proto'
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter as MetricsJson,
} from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter as MetricsProtobuf } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter as TracesJson } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as TracesProtobuf } from '@opentelemetry/exporter-trace-otlp-proto'
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base'
import {
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import {
  BatchLogRecordProcessor,
  LoggerProvider,
  type LogRecordExporter,
  type ReadableLogRecord,
} from '@opentelemetry/sdk-logs'
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions'
import { inPieces, sizeOf, splitBySize } from './pieces.ts'
import type { Telemetry, TelemetrySettings } from './telemetry.ts'

/** One try and no retry: an exporter waits a second before its first retry, which is longer than this. */
const exportMs = 900
/** A handler waits no longer for its export. */
const flushMs = 1_000
const within = { timeoutMillis: flushMs }
/** Nothing is sent for so long after a collector did not answer in time. */
const restMs = 60_000
/** Batches go out side by side; one beyond the limit of exports at once would be lost. */
const queue = { maxQueueSize: 16_384, maxExportBatchSize: 2_048 }
const exportsAtOnce = 64
/** New Relic drops an attribute with a longer text (docs.newrelic.com, "OTLP attribute limits"). */
const attributeLimits = { attributeValueLengthLimit: 4_095 }
/** Data are sent when a handler ends, never in between; an instance is suspended then. */
const never = 2 ** 31 - 1

/**
 * Starts exporting over OTLP/HTTP and registers the SDK. Address and headers come from the standard environment
 * (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS`), which the exporters read themselves, as do resources
 * `OTEL_RESOURCE_ATTRIBUTES`. Metrics have delta temporality. This is the only file that loads the SDK; it is built to a file of its own.
 */
export function startOtlp(settings: TelemetrySettings): Telemetry {
  // Nothing of the instance: metrics of all instances are one series.
  const resource = detectResources({ detectors: [resourceAttributesEnvDetector] }).merge(
    resourceFromAttributes({ [ATTR_SERVICE_NAME]: 'social-sync' }),
  )
  const failures = { count: 0 }
  const signals = [startTraces, startMetrics, startLogs].map((start) => start(settings, resource, failures))
  const send = () => Promise.all(signals.map((flush) => flush()))
  return { enabled: settings.OTEL_METRICS_EXPORTER === 'otlp', flush: flusher(send, failures) }
}

type Start = (
  settings: TelemetrySettings,
  resource: Resource,
  failures: { count: number },
) => () => Promise<void>
const nothing = async () => undefined
// A socket kept while the instance is suspended is dead afterwards; the agent's time-out bounds the connecting too.
const httpAgentOptions = { keepAlive: false, timeout: exportMs }
const limits = {
  timeoutMillis: exportMs,
  concurrencyLimit: exportsAtOnce,
  compression: CompressionAlgorithm.GZIP,
  httpAgentOptions,
}
const isJson = ({ OTEL_EXPORTER_OTLP_PROTOCOL: protocol }: TelemetrySettings) => protocol === 'http/json'

/** Contexts go on also where no trace is sent. */
const startTraces: Start = (settings, resource, failures) => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  if (settings.OTEL_TRACES_EXPORTER === 'none') return nothing
  const exporter = inPieces<ReadableSpan[], SpanExporter>(
    isJson(settings) ? new TracesJson(limits) : new TracesProtobuf(limits),
    (spans) => splitBySize(spans, spanBytes),
    failures,
  )
  const traces = new TracerProvider({
    resource,
    spanLimits: attributeLimits,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(settings.OTEL_TRACES_SAMPLER_ARG) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: never, ...queue })],
  })
  trace.setGlobalTracerProvider(traces)
  return () => traces.forceFlush(within)
}

const startMetrics: Start = (settings, resource, failures) => {
  if (settings.OTEL_METRICS_EXPORTER === 'none') return nothing
  const delta = { ...limits, temporalityPreference: AggregationTemporalityPreference.DELTA }
  const exporter = inPieces<ResourceMetrics, PushMetricExporter>(
    isJson(settings) ? new MetricsJson(delta) : new MetricsProtobuf(delta),
    splitMetrics,
    failures,
  )
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: never,
    exportTimeoutMillis: exportMs,
  })
  const meters = new MeterProvider({ resource, readers: [reader] })
  metrics.setGlobalMeterProvider(meters)
  return () => meters.forceFlush(within)
}

const startLogs: Start = (settings, resource, failures) => {
  if (settings.OTEL_LOGS_EXPORTER === 'none') return nothing
  const exporter = inPieces<ReadableLogRecord[], LogRecordExporter>(
    isJson(settings) ? new LogsJson(limits) : new LogsProtobuf(limits),
    (records) => splitBySize(records, ({ attributes, body }) => sizeOf(attributes, body)),
    failures,
  )
  const provider = new LoggerProvider({
    resource,
    logRecordLimits: attributeLimits,
    processors: [new BatchLogRecordProcessor({ exporter, scheduledDelayMillis: never, ...queue })],
  })
  logs.setGlobalLoggerProvider(provider)
  return () => provider.forceFlush(within)
}

/** A link is two ids. */
const linkBytes = 60
const spanBytes = ({ name, attributes, links, status, events }: ReadableSpan): number =>
  sizeOf(name, attributes, status, events) + links.length * linkBytes

/** By metrics: the SDK keeps at most 2,000 points of each, in as many bytes as a request may have. */
const splitMetrics = ({ resource, scopeMetrics }: ResourceMetrics): ResourceMetrics[] =>
  scopeMetrics.flatMap(({ scope, metrics: all }) =>
    splitBySize(all, ({ dataPoints }) => sizeOf(dataPoints)).map((some) => ({
      resource,
      scopeMetrics: [{ scope, metrics: some }],
    })),
  )

/** Sends what there is, within a second; after a failure nothing is sent for a minute, so that handlers stay quick. */
function flusher(send: () => Promise<unknown>, failures: { readonly count: number }): () => Promise<void> {
  let restUntil = 0
  return async () => {
    if (performance.now() < restUntil) return
    const before = failures.count
    const limit = once(AbortSignal.timeout(flushMs), 'abort').then(() => 'late' as const)
    const outcome = await Promise.race([send().catch(() => 'failed' as const), limit])
    if (outcome === 'late' || outcome === 'failed' || failures.count > before) {
      restUntil = performance.now() + restMs
    }
  }
}
