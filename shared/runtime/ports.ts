import { readFileSync } from 'node:fs'
import type { Attributes } from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_URL_PATH,
} from '@opentelemetry/semantic-conventions'
import type { BodyStore } from '#shared/db/body-store.ts'
import { type Db, openPool } from '#shared/db/pool.ts'
import type { Fetch } from '#shared/http/request.ts'
import type { Send } from '#shared/model/message.ts'
import type { QueueOptions } from '#shared/queue/sqs.ts'
import { type Logger, openLogger } from '#shared/telemetry/logger.ts'
import { record } from '#shared/telemetry/metrics.ts'
import { currentTraceparent, inSpan } from '#shared/telemetry/span.ts'
import { openTelemetry, type Telemetry, type TelemetrySettings } from '#shared/telemetry/telemetry.ts'
import type { Spare } from '../model/credential.ts'
import { type BodySettings, bodiesOf } from './bodies.ts'
import { databaseUrl } from './database-url.ts'
import { openSpare } from './spare.ts'

/** Everything through which a function touches the world; tests and the local cloud put their own in place. */
export interface Ports {
  readonly db: Db
  /** Where raw answers lie. */
  readonly bodies: BodyStore
  readonly fetch: Fetch
  readonly sender: (queueUrl: string) => Send
  readonly log: Logger
  /** What is exported of traces and metrics; started at the first call. */
  readonly telemetry: () => Promise<Telemetry>
  /** Opens what was encrypted with a key of KMS. */
  readonly decrypt: (keyId: string, ciphertext: Buffer) => Promise<Buffer>
  /** What the database could not take at the moment. */
  readonly spare: Spare
  /** In [0, 1). */
  readonly random: () => number
}

/** For one call to the store of raw answers: a person waits for less. */
const patienceMs = { people: 5_000, others: 25_000 }

interface PortSettings extends TelemetrySettings, BodySettings {
  readonly LOG_LEVEL: string
  readonly DATABASE_URL: string
  readonly DATABASE_PASSWORD?: string | undefined
  readonly DATABASE_CA?: string | undefined
  readonly DATABASE_POOL: number
  readonly QUEUE_ENDPOINT?: string
  readonly QUEUE_REGION?: string
  readonly QUEUE_PROTOCOL?: QueueOptions['protocol']
  readonly QUEUE_ACCESS_KEY_ID?: string
  readonly QUEUE_SECRET_ACCESS_KEY?: string
}

/**
 * The real ports of a function; nothing connects before it is used.
 * @param secrets texts that are taken out of its log
 */
export function openPorts(name: string, settings: PortSettings, secrets: readonly string[]): Ports {
  // The SDKs are large: each is loaded where it is used first.
  const queue = lazily(async () => {
    const { openSqs, ringSender } = await import('../queue/sqs.ts')
    const sqs = openSqs({
      endpoint: settings.QUEUE_ENDPOINT ?? '',
      region: settings.QUEUE_REGION ?? '',
      protocol: settings.QUEUE_PROTOCOL ?? 'query',
      accessKeyId: settings.QUEUE_ACCESS_KEY_ID ?? '',
      secretAccessKey: settings.QUEUE_SECRET_ACCESS_KEY ?? '',
    })
    return (queueUrl: string) =>
      ringSender(sqs, queueUrl, (error) => log.error({ error, queue: queueUrl }, 'a ring could not be sent'))
  })
  const log = openLogger({
    level: settings.LOG_LEVEL,
    fields: { function: name },
    secrets,
  })
  return {
    db: openPool({
      url: databaseUrl(settings),
      max: settings.DATABASE_POOL,
      ca: authority(settings.DATABASE_CA),
    }),
    bodies: bodiesOf(settings, name === 'sync' ? patienceMs.people : patienceMs.others),
    fetch: tracedFetch,
    sender: (queueUrl) => async (rings) => (await queue())(queueUrl)(rings.map(withTrace)),
    log,
    telemetry: lazily(() => openTelemetry(settings, (error) => log.warn({ error }, 'nothing is exported'))),
    decrypt: async (keyId, ciphertext) => (await import('../cloud/kms.ts')).decrypt(keyId, ciphertext),
    spare: openSpare(settings.DATABASE_URL),
    random: Math.random,
  }
}

/** A ring names the call it comes from. */
function withTrace<Sent extends { traceparent?: string | undefined }>(ring: Sent): Sent {
  const traceparent = currentTraceparent()
  return traceparent ? { ...ring, traceparent } : ring
}

/** A path without what it may hold of keys: Telegram has the token of a bot in it. */
const withoutKeys = (path: string) => path.replace(/^\/bot[^/]*/, '/bot…')

/** A call to a platform, to the ML provider or to Telegram. The query may hold a key and is left out. */
const tracedFetch: Fetch = (url, init) => {
  const { hostname, pathname } = new URL(url)
  const method = init.method ?? 'GET'
  const call = { [ATTR_HTTP_REQUEST_METHOD]: method, [ATTR_SERVER_ADDRESS]: hostname }
  return inSpan(
    method,
    { kind: 'CLIENT', attributes: { ...call, [ATTR_URL_PATH]: withoutKeys(pathname) } },
    async (span) => {
      const since = performance.now()
      let outcome: Attributes = { [ATTR_ERROR_TYPE]: 'unreachable' }
      try {
        const response = await fetch(url, init)
        outcome = { [ATTR_HTTP_RESPONSE_STATUS_CODE]: response.status }
        return response
      } finally {
        span.set(outcome)
        record('http.client.request.duration', (performance.now() - since) / 1000, { ...call, ...outcome })
      }
    },
  )
}

/** PEM of an authority, given as it is or by a path. */
export function authority(setting: string | undefined): string | undefined {
  if (setting === undefined || setting.startsWith('-----BEGIN')) return setting
  return readFileSync(setting, 'utf8')
}

function lazily<T>(open: () => T): () => T {
  let opened: T | undefined
  return () => {
    opened ??= open()
    return opened
  }
}
