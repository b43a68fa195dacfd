import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { raw } from '#shared/db/sql.ts'
import { connectorSuite } from '../connector.suite.ts'
import { postcardConnector, postcards } from '../example-platform/connector.ts'
import { openPostcards, refuse } from '../example-platform/simulator.ts'

/** What the migration of a new platform does: its name is admitted. */
const tables = ['accounts', 'sync_tasks', 'raw_pages', 'posts', 'credentials']
const admit = tables.map((table) => `alter table ${table} drop constraint ${table}_platform_check`)

type Answer = { readonly cards?: readonly unknown[] }

connectorSuite({
  platform: postcards,
  access_mode: 'public_key',
  listPath: '/users/u1/cards',
  pageSize: 10,
  prepare: async (db) => {
    for (const statement of admit) await db.rows(raw(statement))
  },
  open: async ({ posts, now, calls }) => {
    const callsPerMinute = calls ?? 10_000
    const simulator = await openPostcards({ posts, now, callsPerMinute })
    const connector = postcardConnector({ fetch, baseUrl: simulator.url, callsPerMinute })
    return { simulator, connector, account: { handle: 'ann', native_id: 'u1' }, token: null }
  },
  items: (body) => (body as Answer).cards ?? [],
  withItems: (body, cards) => ({ ...(body as Answer), cards }),
  placeRefused: refuse(409),
  refusals: [400, 404, 409, 410, 429, 500, 503].map((status) => ({
    name: String(status),
    answer: refuse(status),
  })),
})

test('a new platform is one folder of fewer than 300 lines', () => {
  const folder = join(import.meta.dirname, '../example-platform')
  const lines = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8').split('\n').length)
  expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThan(300)
})
