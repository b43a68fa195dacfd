import { readFileSync } from 'node:fs'
import { type Db, openPool } from '#shared/db/pool.ts'
import type { Fetch } from '#shared/http/request.ts'
import type { Send } from '#shared/model/message.ts'
import { openSqs, type QueueOptions, ringSender } from '#shared/queue/sqs.ts'
import { type Logger, openLogger } from '#shared/telemetry/logger.ts'

/** Everything through which a function touches the world; tests and the local cloud put their own in place. */
export interface Ports {
  readonly db: Db
  readonly fetch: Fetch
  readonly sender: (queueUrl: string) => Send
  readonly log: Logger
  /** In [0, 1). */
  readonly random: () => number
}

interface PortSettings {
  readonly LOG_LEVEL: string
  readonly DATABASE_URL: string
  readonly DATABASE_CA?: string | undefined
  readonly DATABASE_POOL: number
  readonly QUEUE_ENDPOINT?: string
  readonly QUEUE_REGION?: string
  readonly QUEUE_PROTOCOL?: QueueOptions['protocol']
  readonly QUEUE_ACCESS_KEY_ID?: string
  readonly QUEUE_SECRET_ACCESS_KEY?: string
}

/** The real ports of a function; nothing connects before it is used. */
export function openPorts(name: string, settings: PortSettings): Ports {
  const sqs = lazily(() =>
    openSqs({
      endpoint: settings.QUEUE_ENDPOINT ?? '',
      region: settings.QUEUE_REGION ?? '',
      protocol: settings.QUEUE_PROTOCOL ?? 'query',
      accessKeyId: settings.QUEUE_ACCESS_KEY_ID ?? '',
      secretAccessKey: settings.QUEUE_SECRET_ACCESS_KEY ?? '',
    }),
  )
  return {
    db: openPool({
      url: settings.DATABASE_URL,
      max: settings.DATABASE_POOL,
      ca: authority(settings.DATABASE_CA),
    }),
    fetch: (url, init) => fetch(url, init),
    sender: (queueUrl) => (rings) => ringSender(sqs(), queueUrl)(rings),
    log: openLogger(settings.LOG_LEVEL, { function: name }),
    random: Math.random,
  }
}

function authority(setting: string | undefined): string | undefined {
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
