import * as z from 'zod'
import { AlertCause, AlertDetails, ChannelKind } from '#shared/model/alert.ts'
import { Id, Page } from './page.ts'

export const AlertView = z.object({
  id: Id,
  cause: AlertCause,
  account_id: Id.nullable().describe('the account it is about; null: it is about none'),
  details: AlertDetails.describe('names, counts and times that a message says'),
  fired_at: z.iso.datetime(),
  over_at: z.iso.datetime().nullable().describe('null: it is not over'),
})

export const AlertQuery = Page.extend({
  state: z.enum(['firing', 'over']).optional(),
  cause: AlertCause.optional(),
})

export const EventView = z.object({
  id: Id.describe('pass it as `after` to go on from here'),
  at: z.iso.datetime(),
  type: z.enum(['alert.firing', 'alert.over']),
  alert: AlertView,
})

export const ChannelView = z.object({
  id: Id,
  name: z.string(),
  kind: ChannelKind,
  target: z.string().describe('the address, the id of the chat, or the e-mail address'),
  causes: z.array(AlertCause).nullable().describe('null: all'),
  language: z.enum(['en', 'ru']),
  created_at: z.iso.datetime(),
  last_sent_at: z.iso.datetime().nullable(),
  last_error: z.string().nullable().describe('of the newest message, where it was not taken'),
})

const Target = z.string().trim().min(1).max(2_000)

const isWeb = (target: string) => {
  if (!URL.canParse(target)) return false
  const { protocol, username, password } = new URL(target)
  return /^https?:$/.test(protocol) && username === '' && password === ''
}

export const NewChannel = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    kind: ChannelKind,
    target: Target,
    causes: z.array(AlertCause).min(1).optional().describe('all when absent'),
    language: z.enum(['en', 'ru']).default('en'),
  })
  .superRefine(({ kind, target }, context) => {
    const fits = {
      webhook: isWeb(target) || 'an address with http:// or https://, without a password',
      telegram: /^(-?\d{1,20}|@\w{4,64})$/.test(target) || 'the id of a chat, or @name of a channel',
      email: z.email().safeParse(target).success || 'an e-mail address',
    }[kind]
    if (fits !== true) context.addIssue({ code: 'custom', path: ['target'], message: fits })
  })

export const ChannelMade = ChannelView.extend({
  secret: z.string().nullable().describe('of a webhook: what its messages are signed with; shown only now'),
})

export const AlertTest = z.strictObject({ channel_id: Id })
export const AlertTested = z.object({ channel_id: Id, sent: z.boolean(), error: z.string().nullable() })
