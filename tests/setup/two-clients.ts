import { sql } from '#shared/db/sql.ts'
import { openApi } from './api.ts'
import { fewAccounts } from './world.ts'

/** Two clients with an account each that was read, and a key bound to the first. */
export async function openTwoClients() {
  const api = await openApi({ observations: fewAccounts(2) })
  const { call, opened, world } = api
  await call('PATCH', '/v1/accounts/1', { client: 'Ours', brand: 'Our Brand' })
  await call('PATCH', '/v1/accounts/2', { client: 'Foreign', brand: 'Foreign Brand' })
  const { body: sync } = await call('POST', '/v1/syncs', {
    accounts: [{ account_id: '1' }, { account_id: '2' }],
  })
  const { body: foreign } = await call('POST', '/v1/syncs', { account_id: '2' })
  await opened.runOnce()
  const scopes = ['read', 'sync']
  const { body } = await call('POST', '/v1/keys', { name: 'ours', scopes, clients: ['ours'] })
  const as = (method: string, path: string, asked?: unknown) =>
    call(method, path, asked, { 'x-api-key': body.key })
  const posts = await world.db.rows<{ id: string; account_id: string; native_id: string }>(
    sql`select min(id) as id, account_id, min(native_id) as native_id from posts group by account_id order by account_id`,
  )
  return { ...api, as, sync: sync.id, foreign: foreign.id, posts }
}
