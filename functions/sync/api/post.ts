import * as z from 'zod'
import { postMetrics } from '#shared/db/tables/metrics.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { Id } from './page.ts'

export const DecimalText = z.string().nullable().describe('decimal text; null: hidden, or not reported')

const countsOf = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, DecimalText])) as Record<Name, typeof DecimalText>

export const PostView = z.object({
  id: Id,
  account_id: Id,
  platform: PlatformName,
  native_id: z.string(),
  class: z.string(),
  status: z.string(),
  title: z.string().nullable(),
  body: z.string().nullable(),
  permalink: z.string().nullable(),
  published_at: z.iso.datetime(),
  observed_at: z.iso.datetime(),
  ...countsOf(postMetrics.names),
})

/** How a brand was found in a post. */
export const MentionSource = z.enum(['text', 'handle', 'dictionary', 'ml_text', 'ml_image'])

export const PostWhole = PostView.extend({
  account: z.string().describe('the handle without @'),
  hashtags: z.array(z.string()),
  mentions: z.array(z.string()),
  brands: z
    .array(z.object({ name: z.string(), source: z.string() }))
    .describe('brands of the list that it names; source: caption, picture for words read in one, or model'),
  media: z.array(z.object({ role: z.string(), url: z.string().nullable() })),
  pictures: z
    .array(z.string())
    .describe('where its pictures can be seen within the next hour, the cover first'),
  labels: z
    .array(z.object({ name: z.string(), score: z.number().nullable() }))
    .describe('what its pictures show, the surest first'),
  words: z.array(z.string()).describe('words that stand in its pictures'),
  sentiment: z.number().nullable().describe('the mood of its text, from -1 to 1; null: no model says'),
  nsfw: z.number().nullable().describe('how surely a picture is not safe for work; null: no model says'),
  named: z
    .array(
      z.object({
        brand: z.string(),
        source: MentionSource,
        seen_as: z.enum(['words', 'logo']).nullable(),
        evidence: z.string().nullable(),
        score: z.number().nullable(),
      }),
    )
    .describe('brands it mentions, as in report.brand_mentions'),
  annotations: z.array(
    z.object({ kind: z.string(), model: z.string(), model_version: z.string(), result: z.unknown() }),
  ),
})

/** A history: points in time, each with its numbers. */
export function historyAs<Name extends string>(names: readonly Name[]) {
  const point = z.object({ observed_at: z.iso.datetime(), numbers: z.object(countsOf(names)) })
  return z.object({ items: z.array(point) })
}
