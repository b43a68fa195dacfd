import type { Attributes } from '@opentelemetry/api'
import { ATTR_ERROR_TYPE, ATTR_HTTP_REQUEST_METHOD, ATTR_URL_PATH } from '@opentelemetry/semantic-conventions'
import { HttpEvent, header } from '#shared/http/http-event.ts'
import { ringsOf } from '#shared/queue/ymq-event.ts'
import { record } from '#shared/telemetry/metrics.ts'
import { inSpan, type SpanOptions } from '#shared/telemetry/span.ts'
import type { Ports } from './ports.ts'

// Of the conventions in development, which their package does not promise to keep.
const ATTR_FAAS_NAME = 'faas.name'
const ATTR_FAAS_TRIGGER = 'faas.trigger'
const ATTR_MESSAGING_BATCH_MESSAGE_COUNT = 'messaging.batch.message_count'

/**
 * One call of a function as a span, with its duration as a metric; both are sent before the call returns, since the
 * instance may be suspended then.
 */
export async function inTick<T>(
  name: string,
  event: unknown,
  ports: Ports,
  work: () => Promise<T>,
): Promise<T> {
  const telemetry = await ports.telemetry()
  const since = performance.now()
  let outcome: Attributes = {}
  try {
    const { attributes = {}, ...options } = triggerOf(event)
    return await inSpan(name, { ...options, attributes: { ...attributes, [ATTR_FAAS_NAME]: name } }, work)
  } catch (error) {
    outcome = { [ATTR_ERROR_TYPE]: error instanceof Error ? error.name : 'error' }
    throw error
  } finally {
    record('social_sync.tick.duration', (performance.now() - since) / 1000, {
      [ATTR_FAAS_NAME]: name,
      ...outcome,
    })
    await telemetry.flush()
  }
}

/** A call over HTTP goes on with the caller's trace; rings are linked, and a timer begins a trace of its own. */
function triggerOf(event: unknown): SpanOptions {
  const http = HttpEvent.safeParse(event)
  if (http.success) {
    const { httpMethod, path } = http.data
    return {
      kind: 'SERVER',
      parent: header(http.data, 'traceparent') ?? null,
      attributes: {
        [ATTR_FAAS_TRIGGER]: 'http',
        [ATTR_HTTP_REQUEST_METHOD]: httpMethod,
        [ATTR_URL_PATH]: path,
      },
    }
  }
  const rings = ringsOf(event)
  if (rings.length === 0) return { parent: null, attributes: { [ATTR_FAAS_TRIGGER]: 'timer' } }
  return {
    kind: 'CONSUMER',
    parent: null,
    links: rings.map((ring) => ring.traceparent),
    attributes: { [ATTR_FAAS_TRIGGER]: 'pubsub', [ATTR_MESSAGING_BATCH_MESSAGE_COUNT]: rings.length },
  }
}
