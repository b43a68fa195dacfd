import { createPostgresBackend, FlowProducer, Queue, type QueueOptions, Worker, withBackend } from 'bullmq'
import { BullMQOtel } from 'bullmq-otel'
import { Redis } from 'ioredis'
import { authority } from '#shared/runtime/ports.ts'
import type { FlowConfig } from './settings.ts'

/** The classes of the queue over the place where it keeps its jobs, and how they reach it. */
export interface Store {
  readonly Queue: typeof Queue
  readonly Worker: typeof Worker
  readonly FlowProducer: typeof FlowProducer
  readonly options: QueueOptions
  close(): Promise<void>
}

/** Redis, or a schema of PostgreSQL. */
export function openStore(config: FlowConfig, onError: (error: unknown) => void): Store {
  const telemetry = new BullMQOtel({ tracerName: 'social-sync' })
  if (config.FLOW_DATABASE_URL !== undefined) {
    // Their types differ by the connection alone.
    const classes = withBackend(createPostgresBackend) as unknown as Pick<
      Store,
      'Queue' | 'Worker' | 'FlowProducer'
    >
    const schema = `${config.FLOW_PREFIX.replaceAll('-', '_')}_queues`
    const connection: object = { connectionString: config.FLOW_DATABASE_URL, schema, max: 2, migrate: true }
    return { ...classes, options: { connection, telemetry }, close: async () => undefined }
  }
  const redis = new Redis(config.REDIS_URL, {
    maxRetriesPerRequest: null,
    ...(config.REDIS_PASSWORD === undefined ? {} : { password: config.REDIS_PASSWORD }),
    ...(config.REDIS_CA === undefined ? {} : { tls: { ca: authority(config.REDIS_CA) ?? '' } }),
  })
  redis.on('error', onError)
  return {
    ...{ Queue, Worker, FlowProducer },
    options: { connection: redis, prefix: config.FLOW_PREFIX, telemetry },
    close: async () => redis.disconnect(),
  }
}
