import { beforeEach, expect, test } from 'vitest'
import { countDays } from '#shared/db/operations/count-days.ts'
import { sql } from '#shared/db/sql.ts'
import { generateReportWorld } from '../../bench/report-world.ts'
import { openApi } from '../setup/api.ts'
import { unstopped } from '../setup/signal.ts'

let api: Awaited<ReturnType<typeof openApi>>

/** Twelve accounts of two brands and ten clients with ten posts each, five days of history. */
beforeEach(async () => {
  api = await openApi({
    observations: [],
    env: { MEDIA_KEY: 'm'.repeat(32), MEDIA_CDN_URL: 'http://127.0.0.1:9/cdn' },
  })
  const world = { posts: 120, postsPerAccount: 10, days: 5 }
  await generateReportWorld(api.world.db, world, () => undefined)
  await countDays(api.world.db, 'UTC', unstopped)
})

interface Items {
  readonly items: readonly Record<string, unknown>[]
  readonly next: string | null
}
const list = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await api.call('GET', `/v1/report/${path}`, undefined, headers)
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return answer.body as unknown as Items
}

/** All pages of a list, three items each. */
async function whole(path: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = []
  for (let after: string | null = ''; after !== null; ) {
    const page: Items = await list(`${path}&limit=3${after && `&after=${after}`}`)
    items.push(...page.items)
    after = page.next
  }
  return items
}

test('brands have the numbers of their accounts together, by day and in sum', async () => {
  const { items } = await list('brands?days=28')
  expect(items.map(({ name, accounts }) => [name, accounts])).toEqual([
    ['Aurora Runners', 10],
    ['Brand 2', 2],
  ])
  const [aurora] = items
  const gained = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].reduce((sum, id) => sum + (id % 7), 0)
  expect(aurora).toMatchObject({ followers: '55000', followers_gained: String(gained * 4) })
  const days = aurora?.['days'] as { followers_gained: string | null }[]
  expect(days.map(({ followers_gained }) => followers_gained)).toEqual([
    null,
    ...Array(4).fill(String(gained)),
  ])
  expect((await list('brands?days=2')).items[0]).toMatchObject({ followers_gained: String(gained * 2) })
})

test.for([
  'brands?sort=name',
  'accounts?sort=-followers_gained',
  'accounts?sort=name',
  'posts?days=366&sort=-views',
  'posts?days=366',
  'mentions?days=366&brand=aurora%20runners&own=true',
])('every item of %s comes once, page by page, in the order of the whole', async (path) => {
  const { items } = await list(`${path}${path.includes('?') ? '&' : '?'}limit=1000`)
  expect(items.length).toBeGreaterThan(1)
  expect((await whole(path)).map(({ id }) => id)).toEqual(items.map(({ id }) => id))
})

test('accounts can be chosen to be compared, as of an earlier day too', async () => {
  const { items } = await list('accounts?ids=3,1,5&sort=name')
  expect(items.map(({ account }) => account)).toEqual(['account1', 'account3', 'account5'])
  const [{ day } = { day: '' }] = await api.world.db.rows<{ day: string }>(
    sql`select (report.today() - 2)::text as day`,
  )
  const { items: earlier } = await list(`accounts?ids=3&days=2&to=${day}`)
  expect(earlier).toMatchObject([{ followers: String(3000 - 2 * 3), followers_gained: '6' }])
})

test('the best posts of a brand come with a picture, in the order of what they are compared by', async () => {
  const { items } = await list('posts?brand=aurora%20runners&days=366&limit=5&least_views=1')
  const rates = items.map(({ engagement_rate }) => Number(engagement_rate))
  expect(rates).toEqual(rates.toSorted((a, b) => b - a))
  // No link works any more: our own address is given while an ML job has it renewed, and else none.
  expect(items[0]?.['picture']).toBe(null)
  await api.world.db.rows(sql`
    insert into ml_jobs (content_key, kind, model) select distinct content_key, 'image', 'm' from post_media`)
  const [again] = (await list('posts?brand=aurora%20runners&days=366&limit=6&least_views=1')).items
  expect(again?.['picture']).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/media\/[0-9a-f]{32}\?until=\d+&sig=/)
  const [{ rate } = { rate: 0 }] = await api.world.db.rows<{ rate: number }>(sql`
    select max(engagement_rate) as rate from report.posts where brand_id = 1 and status = 'present' and published_at > report.today() - 365`)
  expect(rates[0]).toBeCloseTo(rate)
  await api.world.db.rows(sql`update post_media set url = 'https://i.ytimg.com/vi/a/b.jpg'`)
  expect((await list('posts?days=366&limit=1')).items[0]?.['picture']).toBe(
    'http://127.0.0.1:9/cdn/i.ytimg.com/vi/a/b.jpg',
  )
})

test('mentions say where and by which words, and leave out the own posts of the brand', async () => {
  const { items } = await list('mentions?brand=Aurora%20Runners&days=366&limit=100')
  const others = await api.world.db.rows(sql`
    select distinct post_id from report.brand_mentions where brand_id = 1 and not is_own and published_at >= report.today() - 365`)
  expect(items.length).toBe(others.length)
  expect(items.every(({ is_own }) => is_own === false)).toBe(true)
  const own = await list('mentions?brand=Aurora%20Runners&days=366&own=true&source=ml_image')
  expect(own.items[0]).toMatchObject({
    sources: ['ml_image'],
    seen_as: ['logo'],
    evidence: ['Name'],
    score: 0.5,
  })
})

test('a key of a client has the numbers of its accounts alone', async () => {
  const { body } = await api.call('POST', '/v1/keys', { name: 'c', scopes: ['read'], clients: ['Client 2'] })
  const headers = { 'x-api-key': (body as unknown as { key: string }).key }
  expect((await list('accounts', headers)).items.map(({ account }) => account)).toEqual([
    'account11',
    'account1',
  ])
  const brands = await list('brands', headers)
  expect(brands.items.map(({ name, accounts, followers }) => [name, accounts, followers])).toEqual([
    ['Brand 2', 1, '11000'],
    ['Aurora Runners', 1, '1000'],
  ])
  const posts = await list('posts?days=366&limit=100', headers)
  expect(new Set(posts.items.map(({ client }) => client))).toEqual(new Set(['Client 2']))
  const mentions = await list('mentions?brand=Aurora%20Runners&own=true&days=366&limit=100', headers)
  expect(new Set(mentions.items.map(({ client }) => client))).toEqual(new Set(['Client 2']))
})

test.for([
  ['accounts?days=0', 'days'],
  ['accounts?ids=1,x', 'ids'],
  ['brands?from=2026-11-02&to=2026-11-01', 'from'],
  ['posts?from=yesterday', 'from'],
  ['mentions?days=7', 'brand'],
  ['posts?sort=clicks', 'sort'],
  ['posts?after=bm9uZQ', 'after'],
] as const)('%s is refused, and says why', async ([path, field]) => {
  const answer = await api.call('GET', `/v1/report/${path}`)
  expect(answer.status).toBe(400)
  expect(answer.body.errors[0]?.field).toBe(field)
})

test('a brand that is not there is a refusal that names it, and a list comes as CSV in which losses are numbers', async () => {
  expect(await api.call('GET', '/v1/report/mentions?brand=none')).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'brand' }] },
  })
  await api.world.db.rows(sql`update account_days set followers_gained = -5`)
  const csv = await api.call('GET', '/v1/report/brands?format=csv')
  expect(String(csv.body)).toContain('Aurora Runners')
  expect(String(csv.body)).toMatch(/,-\d+,/)
  expect(String(csv.body)).not.toMatch(/'-|\bdays\b/)
  expect(csv.headers.get('content-type')).toContain('text/csv')
})
