import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { connectorSuite } from '../connector.suite.ts'
import { postcards } from '../example-platform/index.ts'
import { openPostcards, refuse } from '../example-platform/simulator.ts'

// A new platform's line in the registry.
vi.mock(import('#shared/platforms/registry.ts'), async (original) => {
  const { postcards: added } = await import('../example-platform/index.ts')
  return { platforms: [...(await original()).platforms, added] }
})

type Answer = { readonly cards?: readonly unknown[] }

connectorSuite({
  definition: postcards,
  access_mode: 'public_key',
  listPath: '/users/u1/cards',
  pageSize: 10,
  prepare: async (db) => {
    await db.rows(sql`insert into platforms (name, profile_endpoints) values ('postcards', '{user}')`)
  },
  open: async ({ posts, now, calls }) => {
    const callsPerMinute = calls ?? 10_000
    const simulator = await openPostcards({ posts, now, callsPerMinute })
    const env = { POSTCARDS_API_URL: simulator.url, POSTCARDS_CALLS_PER_MINUTE: String(callsPerMinute) }
    return { simulator, env, account: { handle: 'ann', native_id: 'u1' }, token: null }
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
