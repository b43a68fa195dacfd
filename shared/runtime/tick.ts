import type { Attributes } from '@opentelemetry/api'
import { ATTR_ERROR_TYPE, ATTR_HTTP_REQUEST_METHOD, ATTR_URL_PATH } from '@opentelemetry/semantic-conventions'
import { HttpEvent, header } from '#shared/http/http-event.ts'
import { ringsOf } from '#shared/queue/ymq-event.ts'
import { count, record } from '#shared/telemetry/metrics.ts'
import { inSpan, type SpanOptions } from '#shared/telemetry/span.ts'
import type { Ports } from './ports.ts'

// Of the conventions in development, which their package does not promise to keep.
const ATTR_FAAS_NAME = 'faas.name'
const ATTR_FAAS_TRIGGER = 'faas.trigger'
const ATTR_FAAS_COLDSTART = 'faas.coldstart'
const ATTR_FAAS_INVOCATION_ID = 'faas.invocation_id'
const ATTR_FAAS_VERSION = 'faas.version'
const ATTR_FAAS_MAX_MEMORY = 'faas.max_memory'
const ATTR_MESSAGING_BATCH_MESSAGE_COUNT = 'messaging.batch.message_count'

/** What the cloud says about a call of a function. */
export interface Invocation {
  readonly requestId: string
  readonly functionVersion?: string
  readonly memoryLimitInMB?: string
  /** The first one of its instance. */
  readonly isCold: boolean
}

/**
 * One call of a function as a span, with its duration as a metric; both are sent before the call returns, since the
 * instance may be suspended then.
 */
export async function inTick<T>(
  name: string,
  event: unknown,
  ports: Ports,
  work: () => Promise<T>,
  invocation?: Invocation,
): Promise<T> {
  const telemetry = await ports.telemetry()
  const since = performance.now()
  let outcome: Attributes = {}
  try {
    if (invocation?.isCold) count('faas.coldstarts', 1, { [ATTR_FAAS_NAME]: name })
    const { attributes, ...options } = triggerOf(event)
    const all = { ...attributes, ...(invocation && attributesOf(invocation)), [ATTR_FAAS_NAME]: name }
    return await inSpan(name, { ...options, attributes: all }, work)
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

const bytesPerMb = 1_048_576
const attributesOf = ({ requestId, functionVersion, memoryLimitInMB, isCold }: Invocation): Attributes => ({
  [ATTR_FAAS_INVOCATION_ID]: requestId,
  [ATTR_FAAS_COLDSTART]: isCold,
  ...(functionVersion === undefined ? {} : { [ATTR_FAAS_VERSION]: functionVersion }),
  ...(memoryLimitInMB === undefined ? {} : { [ATTR_FAAS_MAX_MEMORY]: Number(memoryLimitInMB) * bytesPerMb }),
})

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
        // What stands behind these is a secret of an owner.
        [ATTR_URL_PATH]: path.replace(/^\/connect\/(deletions\/)?.*/, '/connect/$1…'),
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
