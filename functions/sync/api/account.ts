import * as z from 'zod'
import { AccessMode } from '#shared/model/account.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { Id } from './page.ts'

export const Status = z.enum([
  'active',
  'paused',
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
  sync_every_minutes: z.int(),
  next_sync_at: z.iso.datetime().nullable(),
  display_name: z.string().nullable(),
  followers: z.string().nullable().describe('decimal text; null: hidden, or not reported'),
  posts: z.int().describe('posts on record'),
  seen_at: z.iso.datetime().nullable(),
  last_sync: z.string().nullable(),
  last_error: z.string().nullable(),
})

export const Erased = z.object({
  account_id: Id,
  posts: z.int(),
  pages: z.int(),
  remembered: z
    .array(z.enum(['handle', 'native_id']))
    .describe('the names that stop it from being followed again'),
})
