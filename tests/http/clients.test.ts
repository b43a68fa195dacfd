import { expect, test } from 'vitest'
import { openTwoClients } from '../setup/two-clients.ts'

test('a key is bound to clients that are there, and reads and syncs alone', async () => {
  const { call, as } = await openTwoClients()
  const make = (more: object) => call('POST', '/v1/keys', { name: 'another', scopes: ['read'], ...more })
  expect(await make({ clients: ['Ours', 'Nobody'] })).toMatchObject({
    status: 422,
    body: { errors: [{ field: 'clients.1' }] },
  })
  expect(await make({ clients: ['Ours'], scopes: ['admin'] })).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'scopes' }] },
  })
  const { body } = await make({ clients: ['Ours', 'Foreign'], scopes: ['sync'] })
  expect(body).toMatchObject({ clients: ['Foreign', 'Ours'] })
  const both = (path: string, asked: unknown) => call('POST', path, asked, { 'x-api-key': body.key })
  expect(await both('/v1/accounts', { platform: 'instagram', handle: 'x.y' })).toMatchObject({
    status: 422,
    body: { title: 'unnamed_client', errors: [{ field: 'client' }] },
  })
  expect(
    (await both('/v1/accounts', { platform: 'instagram', handle: 'x.y', client: 'Foreign' })).status,
  ).toBe(201)
  expect((await call('DELETE', '/v1/clients/1')).status).toBe(200)
  for (const path of ['/v1/accounts', '/v1/connect-links'])
    expect(
      (
        await as('POST', path, {
          platform: 'instagram',
          ...(path.endsWith('links') ? {} : { handle: 'a.b' }),
        })
      ).status,
    ).toBe(404)
  expect((await as('GET', '/v1/accounts')).body).toMatchObject({ items: [] })
})

test('a client gets another name, which no other has', async () => {
  const { call } = await openTwoClients()
  expect((await call('PATCH', '/v1/clients/1', { name: 'Ours & Co' })).body).toMatchObject({
    name: 'Ours & Co',
  })
  expect((await call('GET', '/v1/accounts/1')).body).toMatchObject({ client: 'Ours & Co' })
  expect((await call('PATCH', '/v1/clients/1', { name: 'FOREIGN' })).status).toBe(409)
  expect((await call('PATCH', '/v1/clients/9', { name: 'x' })).status).toBe(404)
})
