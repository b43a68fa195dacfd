import { randomBytes, randomUUID } from 'node:crypto'
import * as z from 'zod'
import { lackOf } from '#shared/alerts/post.ts'
import { sealWith } from '#shared/cloud/seal.ts'
import {
  type ChannelLine,
  channelOf,
  listChannels,
  makeChannel,
  removeChannel,
} from '#shared/db/tables/alert-channels.ts'
import { listAlerts, listEvents } from '#shared/db/tables/alerts.ts'
import { note } from '#shared/db/tables/audit-log.ts'
import { clock, wallClock } from '#shared/db/views/clock.ts'
import { messageOf } from '#shared/errors.ts'
import { Problem } from '#shared/http/problem.ts'
import { alertAsJson, secretAbout } from '#shared/model/alert.ts'
import {
  AlertQuery,
  AlertTest,
  AlertTested,
  AlertView,
  ChannelMade,
  ChannelView,
  EventView,
  NewChannel,
} from '../api/alert.ts'
import { Id, itemsOf, listOf, Page } from '../api/page.ts'
import { paged } from './query.ts'
import { type CallContext, notFound, type Route, route } from './route.ts'

const channelView = ({ causes, created_at, last_sent_at, ...channel }: ChannelLine) => ({
  ...channel,
  causes: causes && [...causes],
  created_at: created_at.toISOString(),
  last_sent_at: last_sent_at?.toISOString() ?? null,
})

/** A secret as Standard Webhooks has it. */
const newSecret = () => `whsec_${randomBytes(24).toString('base64')}`

/** Of a webhook its secret, and as it is stored. */
async function secretOf(kind: string, name: string, { post }: CallContext) {
  if (kind !== 'webhook' || !post.dataKey) return { secret: null, sealed_secret: null }
  const secret = newSecret()
  return { secret, sealed_secret: sealWith(await post.dataKey()).seal(secret, secretAbout(name)) }
}

export const alertRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/alerts',
    summary: 'What is wrong now, and what was, the newest first',
    scope: 'read',
    isForClients: true,
    query: AlertQuery,
    status: 200,
    answer: listOf(AlertView),
    serve: async ({ db, caller: { reach }, query: { after, limit, ...filter } }) => {
      const { items, next } = paged(await listAlerts(db, { ...filter, reach }, after, limit), limit)
      return { items: items.map(alertAsJson), next }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/events',
    summary: 'Beginnings and ends of alerts, the oldest first: keep the last id, and go on after it',
    scope: 'read',
    isForClients: true,
    query: Page,
    status: 200,
    answer: listOf(EventView),
    serve: async ({ db, caller, query: { after = '0', limit } }) => {
      const { items, next } = paged(await listEvents(db, caller.reach, after, limit), limit)
      return {
        items: items.map(({ id, at, kind, alert }) => ({
          ...{ id, at: at.toISOString(), type: `alert.${kind}` as const },
          alert: alertAsJson(alert),
        })),
        next,
      }
    },
  }),
  route({
    method: 'GET',
    path: '/v1/alert-channels',
    summary: 'Channels that get alerts',
    scope: 'admin',
    status: 200,
    answer: itemsOf(ChannelView),
    serve: async ({ db }) => ({ items: (await listChannels(db)).map(channelView) }),
  }),
  route({
    method: 'POST',
    path: '/v1/alert-channels',
    summary:
      'Send alerts to a webhook, a chat or an e-mail address; the secret of a webhook is shown only once',
    scope: 'admin',
    body: NewChannel,
    status: 201,
    isKept: false,
    answer: ChannelMade,
    serve: async ({ body, ...context }) => {
      const { db, caller, post } = context
      const lack = lackOf(body.kind, post)
      if (lack !== null)
        throw new Problem(422, 'not_set_up', 'the settings lack something', [
          { field: 'kind', message: lack },
        ])
      const { secret, sealed_secret } = await secretOf(body.kind, body.name, context)
      const id = await db.transaction(async (tx) => {
        const made = await makeChannel(tx, { ...body, causes: body.causes ?? null, sealed_secret })
        const details = { kind: body.kind, name: body.name }
        if (made)
          await note(tx, { actor: caller.name, action: 'make channel', about: `channel ${made}`, details })
        return made
      })
      if (id === undefined)
        throw new Problem(409, 'conflict', 'a channel of this name is there', [
          { field: 'name', message: 'in use' },
        ])
      const line = (await listChannels(db)).find((one) => one.id === id)
      if (!line) throw notFound('such channel')
      return { ...channelView(line), secret }
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/alert-channels/{id}',
    summary: 'Tell a channel nothing more',
    scope: 'admin',
    status: 200,
    answer: z.object({ id: Id }),
    serve: async ({ db, id, caller }) => {
      await db.transaction(async (tx) => {
        const name = await removeChannel(tx, id)
        if (name === undefined) throw notFound('such channel')
        await note(tx, {
          actor: caller.name,
          action: 'remove channel',
          about: `channel ${id}`,
          details: { name },
        })
      })
      return { id }
    },
  }),
  route({
    method: 'POST',
    path: '/v1/alerts/test',
    summary: 'Send a channel a message now, and say whether it was taken',
    scope: 'admin',
    body: AlertTest,
    status: 200,
    answer: AlertTested,
    serve: async ({ db, post, body: { channel_id } }) => {
      const channel = await channelOf(db, channel_id)
      if (!channel)
        throw new Problem(422, 'unknown_channel', 'there is no such channel', [
          { field: 'channel_id', message: 'there is no such channel' },
        ])
      const now = await clock(db)
      const telling = {
        key: randomUUID(),
        at: now,
        cause: 'test',
        fired: [],
        over: [],
        url: undefined,
      } as const
      const { tell } = await import('#shared/alerts/tell.ts')
      const error = await tell(post, channel, telling, await wallClock(db)).then(
        () => null,
        (fault: unknown) => messageOf(fault),
      )
      return { channel_id, sent: error === null, error }
    },
  }),
]
