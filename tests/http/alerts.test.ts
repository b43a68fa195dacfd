import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openApi } from '../setup/api.ts'
import { openMailServer, openReceiver } from '../setup/receivers.ts'

type Api = Awaited<ReturnType<typeof openApi>>

const minuteMs = 60_000
const later = ({ world }: Api, minutes: number) =>
  world.clock.jumpTo(new Date(world.clock.now().getTime() + minutes * minuteMs))
const maintain = ({ opened }: Api) => opened.cloud.triggers.tick('maintain')

/** An account whose owner has granted access. */
async function openOwned(env: Record<string, string> = {}): Promise<Api> {
  const api = await openApi({ observations: [], platforms: [], env })
  await api.world.db.rows(sql`
    insert into accounts (platform, handle, handle_norm, native_id, access_mode, next_sync_at)
    values ('instagram', 'a.brand', 'a.brand', 'n1', 'own_oauth', app_now() + interval '20 days')`)
  await api.world.db.rows(sql`
    insert into credentials (platform, account_id, sealed, access_expires_at) values ('instagram', 1, '\\x00', app_now() + interval '50 days')`)
  return api
}
const die = ({ world }: Api) =>
  world.db.rows(sql`
    update credentials set status = 'reauth_required', status_reason = 'its owner must grant access again: (190) session expired', look_at = 'infinity'`)
const heal = ({ world }: Api) =>
  world.db.rows(sql`update credentials set status = 'ok', status_reason = null`)

const channel = async ({ call }: Api, body: object) => {
  const made = await call('POST', '/v1/alert-channels', body)
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return made.body as unknown as { id: string; secret: string }
}

test('a webhook, a chat and a mailbox are told when a token dies, and when that is over, each once', async () => {
  const mail = await openMailServer()
  const api = await openOwned({
    SMTP_URL: mail.url,
    MAIL_FROM: 'sync <sync@example.com>',
    MEDIA_URL: 'https://sync.example',
  })
  const receiver = await openReceiver()
  const { secret } = await channel(api, { name: 'program', kind: 'webhook', target: receiver.url })
  await channel(api, { name: 'team', kind: 'telegram', target: '42', language: 'ru' })
  await channel(api, { name: 'boss', kind: 'email', target: 'boss@example.com' })
  await die(api)
  await maintain(api)
  await maintain(api)
  const { messages } = api.world.simulators.telegram
  expect(messages).toEqual([
    {
      chat: '42',
      text: expect.stringMatching(
        /^Оповещение: Доступ отозван\n\n- @a\.brand \(Instagram\): владелец должен снова дать доступ: \(190\) session expired/,
      ),
    },
  ])
  expect(mail.mails).toHaveLength(1)
  expect(mail.mails[0]).toMatch(/^Subject: Alert: Access is refused$/m)
  expect(mail.mails[0]).toContain('https://sync.example/#/alerts')
  expect(receiver.received).toHaveLength(1)
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.received
  expect(new Webhook(secret).verify(body, headers)).toMatchObject({
    type: 'alerts.firing',
    data: { cause: 'token_refused', firing: [{ account_id: '1', details: { name: '@a.brand' } }], over: [] },
  })
  expect(() => new Webhook(secret).verify(body.replace('a.brand', 'b.brand'), headers)).toThrow()

  await heal(api)
  await maintain(api)
  expect(messages).toHaveLength(1)
  await later(api, 61)
  await maintain(api)
  expect(messages[1]?.text).toMatch(/^Закончилось: Доступ отозван/)
  expect(JSON.parse(receiver.received[1]?.body ?? '{}')).toMatchObject({ type: 'alerts.over' })
  expect(mail.mails[1]).toMatch(/^Subject: Over: Access is refused$/m)
  await later(api, 120)
  await maintain(api)
  expect([messages.length, receiver.received.length, mail.mails.length]).toEqual([2, 2, 2])
  expect(await verify(api.world.db)).toEqual([])
})

test('what comes within an hour is told together, and what came and went within it is not', async () => {
  const api = await openOwned()
  await channel(api, { name: 'team', kind: 'telegram', target: '42' })
  const { messages } = api.world.simulators.telegram
  await die(api)
  await maintain(api)
  await api.world.db.rows(sql`
    insert into accounts (platform, handle, handle_norm, native_id, access_mode, next_sync_at)
    select 'instagram', h, h, h, 'own_oauth', app_now() + interval '20 days' from unnest('{b,c,d}'::text[]) h`)
  await api.world.db.rows(sql`
    insert into credentials (platform, account_id, sealed, status, status_reason, look_at)
    select 'instagram', id, '\\x00', 'revoked', 'no', 'infinity' from accounts where id > 1`)
  await later(api, 10)
  await maintain(api)
  await api.world.db.rows(
    sql`update credentials set status = 'ok', status_reason = null where account_id = 4`,
  )
  await later(api, 10)
  await maintain(api)
  expect(messages).toHaveLength(1)
  await later(api, 41)
  await maintain(api)
  expect(messages[1]?.text).toContain('- @b (Instagram): no\n- @c (Instagram): no')
  expect(messages[1]?.text).not.toContain('@d')
})

test('a receiver in trouble gets the same message again, one that refuses is given up, and others are told all the same', async () => {
  const api = await openOwned()
  let status = 503
  const [shaky, refusing] = [await openReceiver(() => status), await openReceiver(() => 410)]
  await channel(api, { name: 'shaky', kind: 'webhook', target: shaky.url })
  await channel(api, { name: 'refusing', kind: 'webhook', target: refusing.url })
  await channel(api, { name: 'team', kind: 'telegram', target: '42' })
  await die(api)
  await maintain(api)
  expect(api.world.simulators.telegram.messages).toHaveLength(1)
  status = 200
  for (const minutes of [1, 3, 10]) {
    await later(api, minutes)
    await maintain(api)
  }
  expect(shaky.received.map(({ headers }) => headers['webhook-id'])).toEqual(
    Array(2).fill(shaky.received[0]?.headers['webhook-id']),
  )
  expect(refusing.received).toHaveLength(1)
  const { body } = await api.call('GET', '/v1/alert-channels')
  expect((body as unknown as { items: object[] }).items).toMatchObject([
    { name: 'shaky', last_error: null },
    { name: 'refusing', last_error: 'the webhook answered with 410' },
    { name: 'team', last_error: null },
  ])
  // News of the same hour wait at a channel that refuses, too.
  await heal(api)
  await maintain(api)
  expect(refusing.received).toHaveLength(1)
  await die(api)
  await maintain(api)
  expect(refusing.received).toHaveLength(1)
})

test('Telegram that asks for a pause gets one, and a chat that is gone is said so', async () => {
  const api = await openOwned()
  const { id } = await channel(api, { name: 'team', kind: 'telegram', target: '42' })
  await fetch(new URL('/__sim', api.world.simulators.telegram.url), {
    method: 'POST',
    body: '{"fault": "flood"}',
  })
  const test = await api.call('POST', '/v1/alerts/test', { channel_id: id })
  expect(test.body).toMatchObject({ sent: false, error: expect.stringContaining('Too Many Requests') })
  api.world.simulators.telegram.clearFaults()
  expect((await api.call('POST', '/v1/alerts/test', { channel_id: id })).body).toMatchObject({ sent: true })
  expect(api.world.simulators.telegram.messages[0]?.text).toContain('This is a test')
  const gone = await channel(api, { name: 'gone', kind: 'telegram', target: '9999999999' })
  expect((await api.call('POST', '/v1/alerts/test', { channel_id: gone.id })).body).toMatchObject({
    sent: false,
    error: expect.stringContaining('chat not found'),
  })
})

test('alerts and their events are listed, by state, and for a client those of its accounts', async () => {
  const api = await openOwned()
  await die(api)
  await api.world.db.rows(sql`
    insert into app_faults (platform, access_mode, code, message, remedy, look_at) values ('youtube', 'public_key', 'x', 'the key is refused', 'make another', app_now())`)
  await maintain(api)
  await heal(api)
  await maintain(api)
  const list = async (path: string, headers = {}) =>
    (await api.call('GET', path, undefined, headers)).body as unknown as {
      items: { id: string; cause: string; type: string }[]
    }
  expect((await list('/v1/alerts?state=firing')).items.map(({ cause }) => cause)).toEqual(['app_refused'])
  expect((await list('/v1/alerts?state=over')).items.map(({ cause }) => cause)).toEqual(['token_refused'])
  const events = (await list('/v1/events')).items
  expect(events.map(({ type }) => type)).toEqual(['alert.firing', 'alert.firing', 'alert.over'])
  expect((await list(`/v1/events?after=${events[1]?.id}`)).items).toEqual(events.slice(2))
  await api.world.db.rows(sql`insert into clients (name, name_norm) values ('ours', 'ours')`)
  await api.world.db.rows(sql`update accounts set client_id = 1`)
  const { body } = await api.call('POST', '/v1/keys', { name: 'c', scopes: ['read'], clients: ['ours'] })
  const bound = { 'x-api-key': (body as unknown as { key: string }).key }
  const mine = await list('/v1/alerts', bound)
  expect(mine.items.map(({ cause }) => cause)).toEqual(['token_refused'])
  expect((await list('/v1/events', bound)).items).toHaveLength(2)
  await api.world.db.rows(sql`insert into clients (name, name_norm) values ('theirs', 'theirs')`)
  await api.world.db.rows(sql`update accounts set client_id = 2`)
  expect((await list('/v1/alerts', bound)).items).toEqual([])
  expect((await list('/v1/events', bound)).items).toEqual([])
})

test.for([
  [{ kind: 'webhook', target: 'ftp://example.com' }, 'target'],
  [{ kind: 'webhook', target: 'https://me:pw@example.com' }, 'target'],
  [{ kind: 'telegram', target: 'my chat' }, 'target'],
  [{ kind: 'email', target: 'boss' }, 'target'],
  [{ kind: 'pigeon', target: 'x' }, 'kind'],
  [{ kind: 'webhook', target: 'https://example.com', causes: ['weather'] }, 'causes.0'],
] as const)('a channel of %j is refused, and says where', async ([body, field]) => {
  const api = await openApi({ observations: [], platforms: [] })
  const answer = await api.call('POST', '/v1/alert-channels', { name: 'x', ...body })
  expect(answer.status).toBe(400)
  expect(answer.body.errors.map((one) => one.field)).toContain(field)
})

test('a channel that the settings cannot serve is refused with what they lack', async () => {
  const api = await openApi({ observations: [], platforms: [] })
  const answer = await api.call('POST', '/v1/alert-channels', {
    name: 'x',
    kind: 'email',
    target: 'a@example.com',
  })
  expect(answer).toMatchObject({
    status: 422,
    body: { errors: [{ message: expect.stringContaining('SMTP_URL') }] },
  })
})
