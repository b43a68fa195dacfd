import * as z from 'zod'
import { PlatformName } from './index.ts'

/**
 * One line of a file of answers: what a platform's API said of one account at one time, as it came. `endpoint` is one
 * that our own connectors keep, such as `channels`, `videos`, `media` or `video.list`.
 */
export const ImportedPage = z.strictObject({
  platform: PlatformName,
  handle: z.string().min(1).max(200).optional(),
  native_id: z.string().min(1).max(200).optional(),
  endpoint: z.string().regex(/^[\w.]{1,40}$/, 'the name of a call'),
  fetched_at: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .refine((time) => time.getTime() >= Date.UTC(2005, 0, 1), 'no platform is older than that'),
  body: z.string().min(1).max(8_000_000),
})
export type ImportedPage = z.infer<typeof ImportedPage>
