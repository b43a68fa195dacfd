import * as z from 'zod'
import { ClientName } from '#shared/model/client.ts'
import { PlatformName, platformNames, platformOf } from '#shared/platforms/index.ts'
import { Id } from './page.ts'

/** Platforms of which owners grant access. */
export const connectable = platformNames.filter((name) => platformOf(name).tokens !== null)

export const ConnectPlace = z.object({
  platform: PlatformName,
  is_set_up: z.boolean().describe('the settings have an app that owners can grant access to'),
  redirect: z
    .string()
    .describe('where owners come back to: to be registered with the platform, to the letter'),
  deauthorize: z.string().nullable().describe('where the platform says that an owner took a consent back'),
  deletion: z.string().nullable().describe('where the platform says that an owner wants all data deleted'),
})

export const ConnectQuery = z.object({
  client: ClientName.optional().describe('for whom, by name; made when it is new'),
  account_id: Id.optional().describe('an account that is to be connected again'),
})

export const MakeLink = z.strictObject({
  platform: z.enum(connectable, `${connectable.join(' or ')}; others are read without consent`),
  client: ClientName.optional().describe('for whom, by name; made when it is new'),
  account_id: Id.optional().describe('an account that is to be connected again'),
  expires_in_hours: z.int().min(1).max(720).default(72),
})

export const LinkMade = z.object({
  id: Id,
  url: z.string().describe('for the owner; it is shown once and works once'),
  expires_at: z.iso.datetime(),
})

export const LinkView = z.object({
  id: Id,
  platform: PlatformName,
  client: z.string().nullable(),
  account_id: Id.nullable().describe('the account that is to be connected again'),
  connected_account_id: Id.nullable(),
  state: z.enum(['open', 'connected', 'expired']),
  last_outcome: z.string().nullable().describe('how the last try ended; null: the owner has not come back'),
  made_by: z.string(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
})

export const CredentialView = z.object({
  id: Id,
  platform: PlatformName,
  account_id: Id.nullable().describe('null: it serves all accounts of others'),
  account: z.string().nullable(),
  status: z.enum(['ok', 'reauth_required', 'revoked']),
  status_reason: z.string().nullable().describe('the last verdict of the platform; null: all is well'),
  scopes: z.array(z.string()),
  created_at: z.iso.datetime(),
  renewed_at: z.iso.datetime().nullable(),
  ends_at: z.iso.datetime().nullable().describe('when it ends for good; null: it does not'),
  is_renewed: z.boolean().describe('it is renewed by itself before it ends'),
})
