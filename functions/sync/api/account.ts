import * as z from 'zod'
import { AccessMode } from '#shared/model/account.ts'
import { BrandName } from '#shared/model/brand.ts'
import { ClientName, Tags } from '#shared/model/client.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { Id, sortedBy } from './page.ts'

export const Status = z.enum([
  'active',
  'paused',
  'unfollowed',
  'reauth_required',
  'unsupported',
  'private',
  'suspended',
  'closed',
  'missing',
])

export const AccountView = z.object({
  id: Id,
  platform: PlatformName,
  handle: z.string().nullable(),
  native_id: z.string().nullable(),
  access_mode: AccessMode,
  status: Status,
  status_reason: z.string().nullable(),
  client: z.string().nullable(),
  brand: z.string().nullable(),
  tags: z.array(z.string()),
  sync_every_minutes: z.int(),
  next_sync_at: z.iso.datetime().nullable(),
  display_name: z.string().nullable(),
  followers: z.string().nullable().describe('decimal text; null: hidden, or not reported'),
  posts: z.int().describe('posts on record'),
  seen_at: z.iso.datetime().nullable(),
  is_late: z.boolean().describe('its posts were last walked more than twice its interval ago'),
  failures: z.int().describe('syncs in a row that failed or had something parked; each doubles the interval'),
  last_sync: z.string().nullable(),
  last_error: z.string().nullable(),
})

const Bare = z.string().trim().min(1).max(300)

export const AccountQuery = sortedBy(['handle', 'name', 'followers', 'seen_at', 'next_sync_at']).extend({
  q: Bare.optional().describe('a part of the handle or the name'),
  platform: PlatformName.optional(),
  state: Status.optional().describe(
    'unfollowed accounts are listed only when they are asked for, here or by their handle',
  ),
  handle: Bare.transform((handle) => handle.replace(/^@/, '')).optional(),
  client: Bare.optional().describe('its name'),
  brand: Bare.optional().describe('its name'),
  tag: Bare.transform((tag) => tag.normalize('NFC').toLowerCase()).optional(),
  late: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
})

export const ChangeAccount = z.strictObject({
  sync_every_minutes: z
    .int()
    .min(5)
    .max(60 * 24 * 30)
    .optional(),
  paused: z.boolean().optional(),
  client: ClientName.nullable().optional().describe('null: for no client any more'),
  brand: BrandName.nullable().optional().describe('null: of no brand any more'),
  tags: Tags.optional().describe('in place of those there are'),
})

export const UnfollowMany = z.strictObject({ account_ids: z.array(Id).min(1).max(1_000) })

export const Unfollowed = z.object({
  index: z.int(),
  account_id: Id,
  status: z.enum(['unfollowed', 'known', 'not_found']).describe('known: it was not followed any more'),
})

export const Erased = z.object({
  account_id: Id,
  posts: z.int(),
  pages: z.int(),
  remembered: z
    .array(z.enum(['handle', 'native_id']))
    .describe('the names that stop it from being followed again'),
})
