import * as z from 'zod'
import { PlatformName } from '#shared/platforms/index.ts'

/** One account of a sync as the API shows it. */
export const TaskView = z.object({
  id: z.string(),
  account_id: z.string(),
  platform: PlatformName,
  handle: z.string().nullable(),
  native_id: z.string().nullable(),
  account_status: z.string().describe('of the account, as it is now'),
  status: z.string(),
  reason: z.string().nullable(),
  waits_for: z.string().nullable(),
  last_error: z.string().nullable(),
  trace_url: z
    .url()
    .nullable()
    .describe('its trace in the backend of telemetry, by the setting TRACE_URL; null: there is none'),
  problems: z.array(z.string()).describe('what is not as it should be, in plain words'),
  pages: z.object({ stored: z.int(), transformed: z.int(), parked: z.int() }),
  records: z.object({ accepted: z.int(), quarantined: z.int() }),
  ml_jobs: z.object({ open: z.int(), done: z.int(), failed: z.int() }),
})
