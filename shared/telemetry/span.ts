import {
  type Attributes,
  context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { messageOf } from '../errors.ts'

/** W3C trace context as text, as it stands in rows and rings. */
type Traceparent = string | null | undefined

export interface SpanOptions {
  readonly kind?: keyof typeof SpanKind
  readonly attributes?: Attributes
  /** The span it belongs under, from a row or a caller; the active span when absent, none when null. */
  readonly parent?: Traceparent
  /** Spans of other traces it has to do with. */
  readonly links?: readonly Traceparent[]
}

/** A span under way. */
export interface OpenSpan {
  readonly traceparent: string | null
  set(attributes: Attributes): void
  /** Runs work under it; spans begun in there are its children. */
  within<T>(work: () => T): T
  /** Ends it; an error is recorded by its name and message. */
  end(error?: unknown): void
}

/** Begins a span that the caller ends. Without a registered SDK nothing is recorded, and contexts still pass through. */
export function openSpan(name: string, options: SpanOptions = {}): OpenSpan {
  const { kind = 'INTERNAL', attributes = {}, links = [] } = options
  const parent = options.parent === undefined ? context.active() : contextOf(options.parent)
  const tracer = trace.getTracer('social-sync')
  const span = tracer.startSpan(name, { kind: SpanKind[kind], attributes, links: linksOf(links) }, parent)
  return {
    traceparent: formatted(span.spanContext()),
    set: (more) => void span.setAttributes(more),
    within: (work) => context.with(trace.setSpan(parent, span), work),
    end: (error) => end(span, error),
  }
}

/** Runs work under a span and ends it; an error thrown is recorded and thrown on. */
export async function inSpan<T>(
  name: string,
  options: SpanOptions,
  work: (span: OpenSpan) => Promise<T>,
): Promise<T> {
  const span = openSpan(name, options)
  try {
    const result = await span.within(() => work(span))
    span.end()
    return result
  } catch (error) {
    span.end(error)
    throw error
  }
}

/** The trace context of the active span, for a row or a ring; null when there is none. */
export function currentTraceparent(): string | null {
  const active = trace.getActiveSpan()
  return active ? formatted(active.spanContext()) : null
}

/** Ids of the active span, for log lines. */
export function currentIds(): { trace_id?: string; span_id?: string } {
  const active = trace.getActiveSpan()?.spanContext()
  return active && trace.isSpanContextValid(active)
    ? { trace_id: active.traceId, span_id: active.spanId }
    : {}
}

function end(span: Span, error: unknown): void {
  if (error !== undefined) {
    span.setAttribute('error.type', error instanceof Error ? error.name : 'error')
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error).slice(0, 500) })
  }
  span.end()
}

function contextOf(traceparent: string | null) {
  const parsed = parse(traceparent)
  return parsed ? trace.setSpanContext(ROOT_CONTEXT, parsed) : ROOT_CONTEXT
}

function linksOf(traceparents: readonly Traceparent[]): Link[] {
  return [...new Set(traceparents)].flatMap((traceparent) => {
    const parsed = parse(traceparent)
    return parsed ? [{ context: parsed }] : []
  })
}

/** The header `traceparent` of W3C Trace Context, version 00. */
function parse(traceparent: Traceparent): SpanContext | undefined {
  const [, traceId = '', spanId = '', flags = ''] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '') ?? []
  const parsed = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  return trace.isSpanContextValid(parsed) ? parsed : undefined
}

function formatted(span: SpanContext): string | null {
  if (!trace.isSpanContextValid(span)) return null
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`
}
