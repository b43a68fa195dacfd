import * as z from 'zod'
import type { QueueOptions } from '#shared/queue/sqs.ts'
import { UserError } from './user-error.ts'

const Setting = z.object({
  QUEUE_ENDPOINT: z.url(),
  QUEUE_REGION: z.string().default('ru-central1'),
  QUEUE_PROTOCOL: z.enum(['query', 'json']).default('query'),
  QUEUE_ACCESS_KEY_ID: z.string().default('local'),
  QUEUE_SECRET_ACCESS_KEY: z.string().default('local-secret-key'),
})

/** The queue server named by the environment; undefined: the embedded one. */
export function queueFromEnvironment(env: NodeJS.ProcessEnv): QueueOptions | undefined {
  if (!env['QUEUE_ENDPOINT']) return undefined
  const parsed = Setting.safeParse(env)
  if (!parsed.success) {
    throw new UserError(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    )
  }
  const setting = parsed.data
  return {
    endpoint: setting.QUEUE_ENDPOINT,
    region: setting.QUEUE_REGION,
    protocol: setting.QUEUE_PROTOCOL,
    accessKeyId: setting.QUEUE_ACCESS_KEY_ID,
    secretAccessKey: setting.QUEUE_SECRET_ACCESS_KEY,
  }
}
