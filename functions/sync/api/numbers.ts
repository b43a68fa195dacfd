import * as z from 'zod'
import { PlatformName } from '#shared/platforms/index.ts'
import { Id, notInCsv, sortedBy } from './page.ts'
import { DecimalText, MentionSource } from './post.ts'

const Bare = z.string().trim().min(1).max(300)
const Picture = z
  .string()
  .nullable()
  .describe('where it can be seen within the next hour; null: nowhere any more')
  .register(notInCsv, {})

/** Which days: so many up to `to`, or from one to another. */
const range = {
  days: z.coerce
    .number()
    .int()
    .min(1)
    .max(366)
    .default(28)
    .describe('days up to `to`; not counted with `from`'),
  from: z.iso.date().optional().describe('the first day'),
  to: z.iso.date().optional().describe('the last day; today when absent'),
}
const rangeFits = ({ from, to }: { from?: string | undefined; to?: string | undefined }) =>
  from === undefined || to === undefined || from <= to
const rangeFault = { path: ['from'], error: 'it is after `to`' }

const Ids = z
  .string()
  .regex(/^\d{1,18}(,\d{1,18}){0,99}$/, 'numbers apart by commas, a hundred at most')
  .transform((text) => text.split(','))

const gains = {
  followers: DecimalText,
  followers_gained: DecimalText,
  views_gained: DecimalText.describe('decimal text: by its posts; null: not known of any'),
  engagement_gained: DecimalText.describe(
    'decimal text: likes, comments, shares and saves of its posts; null: not known of any',
  ),
  published: z.int().describe('posts published in these days'),
  days: z
    .array(
      z.object({
        day: z.iso.date(),
        followers_gained: DecimalText,
        views_gained: DecimalText,
        engagement_gained: DecimalText,
      }),
    )
    .describe('days on which something of it was seen, the oldest first')
    .register(notInCsv, {}),
}

export const AccountNumbersView = z.object({
  id: Id,
  platform: PlatformName,
  account: z.string().describe('the handle without @'),
  display_name: z.string().nullable(),
  brand: z.string().nullable(),
  client: z.string().nullable(),
  status: z.string(),
  ...gains,
  avatar: Picture,
})

export const AccountNumbersQuery = sortedBy(['name', 'followers', 'followers_gained', 'views_gained'])
  .extend({
    ...range,
    ids: Ids.optional().describe('these accounts alone, as `1,2,3`'),
    client: Bare.optional().describe('its name'),
    brand: Bare.optional().describe('its name'),
    platform: PlatformName.optional(),
    q: Bare.optional().describe('a part of the handle or the name'),
  })
  .refine(rangeFits, rangeFault)

export const BrandNumbersView = z.object({
  id: Id,
  name: z.string(),
  accounts: z.int().describe('accounts of it that are followed'),
  platforms: z.array(PlatformName),
  client: z.string().nullable().describe('for whom these are followed'),
  ...gains,
})

export const BrandNumbersQuery = sortedBy(['name', 'followers', 'followers_gained', 'views_gained'])
  .extend({
    ...range,
    ids: Ids.optional().describe('these brands alone, as `1,2,3`'),
    client: Bare.optional().describe('its name'),
    q: Bare.optional().describe('a part of the name or of an alias'),
  })
  .refine(rangeFits, rangeFault)

const Rate = z.number().nullable()

export const BestPostView = z.object({
  id: Id,
  account_id: Id,
  platform: PlatformName,
  account: z.string().describe('the handle without @'),
  brand: z.string().nullable(),
  client: z.string().nullable(),
  class: z.string(),
  title: z.string().nullable().describe('its title, or the beginning of its text'),
  permalink: z.string().nullable(),
  published_at: z.iso.datetime(),
  views: DecimalText,
  likes: DecimalText,
  comments: DecimalText,
  shares: DecimalText,
  saves: DecimalText,
  engagement: DecimalText.describe('decimal text: likes, comments, shares and saves; null: hidden'),
  engagement_rate: Rate.describe('engagement by views; null: one of the two is not known'),
  engagement_by_followers: Rate.describe(
    'engagement by followers of the account; null: one of the two is not known',
  ),
  picture: Picture,
})

export const BestPostsQuery = sortedBy([
  'published_at',
  'views',
  'engagement',
  'engagement_rate',
  'engagement_by_followers',
])
  .extend({
    ...range,
    brand: Bare.optional().describe('whose accounts; its name'),
    client: Bare.optional().describe('its name'),
    platform: PlatformName.optional(),
    class: Bare.optional(),
    account_id: Id.optional(),
    least_views: z.coerce
      .number()
      .int()
      .min(0)
      .optional()
      .describe('posts with fewer are left out; those whose views are hidden stay'),
  })
  .refine(rangeFits, rangeFault)

export const MentionView = z.object({
  id: Id.describe('the post'),
  account_id: Id,
  platform: PlatformName,
  account: z.string().describe('the handle without @'),
  client: z.string().nullable(),
  is_own: z.boolean().describe('the account is one of the brand itself'),
  published_at: z.iso.datetime(),
  permalink: z.string().nullable(),
  text: z.string().nullable().describe('the beginning of title and text'),
  sources: z.array(MentionSource).describe('where it was found, as in report.brand_mentions'),
  seen_as: z.array(z.enum(['words', 'logo'])).describe('what of it stands in a picture'),
  evidence: z.array(z.string()).describe('the words by which it was found'),
  score: z.number().nullable().describe('how sure the surest model is, from 0 to 1'),
  picture: Picture,
})

export const MentionQuery = z
  .object({
    after: z.string().min(1).max(2_000).optional(),
    limit: z.coerce.number().int().min(1).max(1_000).default(50),
    ...range,
    brand: Bare.describe('the brand that is mentioned: its name or an alias'),
    source: MentionSource.optional(),
    own: z
      .enum(['true', 'false'])
      .default('false')
      .transform((text) => text === 'true')
      .describe("true: posts of the brand's own accounts too"),
    client: Bare.optional().describe('for whom the account is followed; its name'),
    platform: PlatformName.optional(),
  })
  .refine(rangeFits, rangeFault)
