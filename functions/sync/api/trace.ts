import * as z from 'zod'
import { PlatformName } from '#shared/platforms/index.ts'

const at = z.iso.datetime()

export const TraceView = z.object({
  now: at.describe('by the clock of the database'),
  tasks: z
    .array(
      z.object({
        id: z.string(),
        account_id: z.string(),
        account: z.string().describe('its handle, or else its native id'),
        platform: PlatformName,
        status: z.string(),
        trace_id: z.string().nullable().describe('in the backend of telemetry; null: no trace was kept'),
        trace_url: z
          .url()
          .nullable()
          .describe('by the setting TRACE_URL; null: it is not set, or there is no trace'),
        asked_at: at,
        finished_at: at.nullable(),
        steps: z.array(
          z.object({
            step: z.enum(['walk', 'page', 'ml']),
            what: z.string().describe('the endpoint of pages, or kind and provider of ML jobs'),
            at,
            until: at.nullable().describe('null: it goes on'),
            count: z.int(),
            outcomes: z.record(z.string(), z.int()),
          }),
        ),
      }),
    )
    .describe('the first twenty accounts'),
})
