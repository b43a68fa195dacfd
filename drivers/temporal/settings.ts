import * as z from 'zod'
import { OptionalSecret } from '#shared/model/setting.ts'

/** How Temporal is reached: self-hosted, or its cloud. */
export const temporalSettings = z.object({
  TEMPORAL_ADDRESS: z.string().min(1).default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  TEMPORAL_TASK_QUEUE: z.string().min(1).default('social-sync'),
  /** Of Temporal Cloud; with it the connection is encrypted. */
  TEMPORAL_API_KEY: OptionalSecret,
  TEMPORAL_TLS: z.stringbool().default(false),
  /** Which version of the workflows this worker has; the newest worker to start takes new workflows. Absent: workers have no versions. */
  TEMPORAL_BUILD_ID: z.string().min(1).max(200).optional(),
})
export type TemporalConfig = z.output<typeof temporalSettings>

export const placeOf = ({
  TEMPORAL_NAMESPACE: namespace,
  TEMPORAL_TASK_QUEUE: taskQueue,
}: TemporalConfig) => ({
  ...{ namespace, taskQueue },
})

export const connectionOf = ({
  TEMPORAL_ADDRESS: address,
  TEMPORAL_API_KEY: apiKey,
  TEMPORAL_TLS: tls,
}: TemporalConfig) => ({
  address,
  tls: tls || apiKey !== undefined,
  ...(apiKey === undefined ? {} : { apiKey }),
})
