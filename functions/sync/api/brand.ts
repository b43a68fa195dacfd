import * as z from 'zod'
import { BrandInput } from '#shared/model/brand.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { Id, Page } from './page.ts'

export const mostBrands = 1_000

export const BrandList = z
  .strictObject({ brands: z.array(BrandInput).min(1).max(mostBrands) })
  .superRefine(({ brands }, context) => {
    for (const [index, { handles = [] }] of brands.entries())
      for (const [place, { platform }] of handles.entries())
        if (!PlatformName.safeParse(platform).success)
          context.addIssue({
            code: 'custom',
            path: ['brands', index, 'handles', place, 'platform'],
            message: 'there is no such platform here',
          })
  })

export const BrandView = z.object({
  id: Id,
  name: z.string(),
  aliases: z.array(z.string()),
  handles: z.array(z.string()).describe('what it is called on platforms, as platform:handle'),
  accounts: z.array(z.string()).describe('its accounts that are followed, as platform:handle'),
  captions: z.int().describe('posts whose title or body names it; ten thousand at most are counted'),
  finds: z.int().describe('posts of which words in a picture, or a model, name it; counted likewise'),
  is_looked_through: z.boolean().describe('all that was on record before it was saved is looked through'),
})

/** Counting takes a while where brands are many: names alone come at once. */
export const BrandQuery = Page.extend({
  counts: z
    .enum(['true', 'false'])
    .default('true')
    .transform((text) => text === 'true')
    .describe('false: captions and finds are 0, and nothing is counted'),
})

export const BrandsSaved = z.object({
  added: z.int(),
  changed: z.int(),
  is_looked_through: z
    .boolean()
    .describe('all that is on record is looked through; false: the rest is in the next hours'),
})
