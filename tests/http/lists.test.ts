import { beforeEach, expect, test } from 'vitest'
import { routes } from '#functions/sync/serve.ts'
import { sql } from '#shared/db/sql.ts'
import { openApi } from '../setup/api.ts'

interface List {
  readonly items: readonly { readonly id: string; readonly handle: string; readonly client: string | null }[]
  readonly next: string | null
}

let api: Awaited<ReturnType<typeof openApi>>
beforeEach(async () => {
  api = await openApi({ observations: [] })
  const accounts = Array.from({ length: 12 }, (_, number) => ({
    ...{
      platform: 'instagram',
      handle: `shop.${String.fromCharCode(97 + number)}`,
      client: `Client ${number % 3}`,
    },
    ...{ brand: `Brand ${number % 2}`, tags: number % 4 === 0 ? ['sale'] : [] },
  }))
  await api.call('POST', '/v1/accounts/batch', { accounts })
  await api.world.db.rows(sql`
    insert into profiles (account_id, native_id, display_name, followers, content_hash, observed_at)
    select id, 'n' || id, 'Name_' || id, case when id <= 8 then id % 4 end, 'x', app_now() - id * interval '1 minute' from accounts where id <= 10`)
})

const list = async (query: string) => (await api.call('GET', `/v1/accounts?${query}`)).body as unknown as List
const handles = async (query: string) =>
  (await list(query)).items.map(({ handle }) => handle.slice(5)).join('')

test.for([
  ['q=SHOP.c', 'c'],
  ['q=@shop.d', 'd'],
  ['q=me_3', 'c'],
  ['q=e%253', ''],
  ['client=client%201', 'behk'],
  ['brand=Brand%200&client=Client%201', 'ek'],
  ['tag=Sale', 'aei'],
  ['state=active&platform=instagram&tag=sale&client=Client%200', 'a'],
  ['state=paused', ''],
  ['late=true', ''],
  ['client=nobody', ''],
  ['sort=-handle&limit=3', 'lkj'],
  ['sort=name&q=name', 'ajbcdefghi'],
] as const)('accounts?%s finds %s', async ([query, found]) => {
  expect(await handles(query)).toBe(found)
})

test.for([
  '',
  'sort=handle',
  'sort=-handle',
  'sort=followers',
  'sort=-followers',
  'sort=seen_at',
  'sort=-next_sync_at',
  'sort=-name',
])('a list sorted by "%s" has each account once, page by page, in the order of the whole', async (sort) => {
  const whole = await handles(sort)
  expect([...whole].sort().join('')).toBe('abcdefghijkl')
  let found = ''
  for (let after: string | null = ''; after !== null; ) {
    const page: List = await list(`${sort}&limit=5${after && `&after=${encodeURIComponent(after)}`}`)
    found += page.items.map(({ handle }) => handle.slice(5)).join('')
    after = page.next
  }
  expect(found).toBe(whole)
})

test('accounts without a value come last, whichever way a list is sorted', async () => {
  expect(await handles('sort=followers')).toMatch(/[ijkl]{4}$/)
  expect(await handles('sort=-followers')).toMatch(/[ijkl]{4}$/)
})

test.for([
  'sort=colour',
  'after=%22',
  'sort=followers&after=WyJ4IiwiMSJd',
  'colour=red',
  'late=maybe',
  'format=xml',
])('?%s is refused, and the parameter named', async (query) => {
  const { status, body } = await api.call('GET', `/v1/accounts?${query}`)
  expect(status).toBe(400)
  const [first = ''] = new URLSearchParams(query).keys()
  const at = query.includes('after') ? 'after' : first
  expect(body.errors.map(({ field }) => field)).toEqual([at])
})

test('every route refuses a parameter that it does not know', async () => {
  for (const { method, path, scope, schemas } of routes) {
    if (/^\/(media|connect)\/|\/(callback|deauthorize|deletion)$|ml-callbacks/.test(path)) continue
    const known = ['POST', 'PATCH'].includes(method) ? {} : undefined
    const { status, body } = await api.call(method, `${path.replace('{id}', '1')}?colour=red`, known)
    expect([path, scope, status, body.errors?.[0]?.field], `${method} ${path} ${schemas.query}`).toEqual([
      path,
      scope,
      400,
      'colour',
    ])
  }
})

test('a list is given as CSV, with the way to its next page, and no cell of it is a formula', async () => {
  await api.world.db.rows(sql`update profiles set display_name = '=1+1,"x"' where account_id = 1`)
  const answer = await fetch(`${api.url}/v1/accounts?sort=handle&limit=2&format=csv`, {
    headers: { 'x-api-key': 'k'.repeat(32) },
  })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
  const [head, first, second, ...rest] = (await answer.text()).split('\r\n')
  expect(head).toMatch(/^id,platform,handle,native_id,.*,client,brand,tags,/)
  expect(first).toContain(`shop.a`)
  expect(first).toContain(`"'=1+1,""x"""`)
  expect(first).toContain('Client 0,Brand 0,sale')
  expect(second).toContain('shop.b')
  expect(rest).toEqual([''])
  const link = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1] ?? ''
  expect(await handles(link.split('?')[1]?.replace('format=csv&', '') ?? '')).toBe('cd')
})
