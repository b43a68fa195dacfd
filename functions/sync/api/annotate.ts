import * as z from 'zod'
import { MlKind } from '#shared/model/ml-job.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { Id } from './page.ts'

export const Annotate = z.strictObject({
  since: z.iso.date().describe('posts published since that day (UTC)'),
  kinds: z.array(MlKind).min(1).optional(),
  platform: PlatformName.optional(),
  dry_run: z.boolean().default(true).describe('true: only say what it would be, and cost'),
  after: Id.default('0').describe('goes on after this post: next of the answer before'),
})

export const Annotated = z.object({
  posts: z.int().describe('posts that were looked through'),
  jobs: z
    .array(
      z.object({
        kind: MlKind,
        provider: z.string(),
        model: z.string(),
        count: z.int(),
        usd: z.number().nullable().describe('null: the settings name no price'),
      }),
    )
    .describe('jobs that were made, or would be'),
  next: Id.nullable().describe('there was no time for the rest: ask again with this as after'),
})
