import * as z from 'zod'
import { OptionalSecret, secret } from '#shared/model/setting.ts'

/** Where the queues of the flow are. */
export const flowSettings = z.object({
  /** Redis 7 or Valkey 8, with `maxmemory-policy noeviction`. */
  REDIS_URL: secret(z.url({ protocol: /^rediss?$/ }).default('redis://127.0.0.1:6379')),
  REDIS_PASSWORD: OptionalSecret,
  /** PEM of the authority of a managed server, or a path to it; absent: those that Node knows. */
  REDIS_CA: z.string().optional(),
  /** Before all keys, or with `_` for `-` the schema: installations that share a server need different ones. */
  FLOW_PREFIX: z.stringFormat('prefix', /^[a-z][a-z0-9-]{0,40}$/).default('social-sync'),
  /** In place of Redis: queues in a schema of this PostgreSQL. */
  FLOW_DATABASE_URL: secret(z.url({ protocol: /^postgres(ql)?$/ }).optional()),
})
export type FlowConfig = z.output<typeof flowSettings>
