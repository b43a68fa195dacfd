import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openApi } from '../setup/api.ts'
import { fewAccounts, largestAccount } from '../setup/world.ts'

interface Items<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

const idOf = async (
  db: { rows: (query: ReturnType<typeof sql>) => Promise<{ id: string }[]> },
  table: string,
) =>
  (
    await db.rows(table === 'accounts' ? sql`select id from accounts` : sql`select id from posts order by id`)
  )[0]?.id

test('posts of an account are read page by page, each once, the newest first', async () => {
  const { world, opened, call } = await openApi({ observations: largestAccount() })
  await opened.runOnce()
  const account = await idOf(world.db, 'accounts')
  const seen: { id: string; published_at: string }[] = []
  for (let after: string | null = ''; after !== null; ) {
    const { body } = await call('GET', `/v1/accounts/${account}/posts?limit=50${after && `&after=${after}`}`)
    const page = body as unknown as Items<{ id: string; published_at: string }>
    seen.push(...page.items)
    after = page.next
  }
  const [{ count } = { count: 0 }] = await world.db.rows<{ count: number }>(
    sql`select count(*)::int as count from posts`,
  )
  expect(new Set(seen.map(({ id }) => id)).size).toBe(count)
  const times = seen.map(({ published_at }) => published_at)
  expect(times).toEqual([...times].sort().reverse())
  expect(await call('GET', `/v1/accounts/${account}/posts?after=999999`)).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'after' }] },
  })
})

test('a post has its numbers over time and what it comes from: answers, syncs, traces, ML jobs', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(1) })
  await opened.runOnce()
  const account = await idOf(world.db, 'accounts')
  const post = await idOf(world.db, 'posts')
  expect((await call('GET', `/v1/posts/${post}`)).body).toMatchObject({ id: post, account_id: account })
  const { body: history } = await call('GET', `/v1/posts/${post}/metrics`)
  expect(history).toMatchObject({ items: [{ observed_at: expect.any(String), numbers: { saves: null } }] })
  const { body: profile } = await call('GET', `/v1/accounts/${account}/metrics`)
  expect(profile).toMatchObject({ items: [{ numbers: { followers: expect.stringMatching(/^\d+$/) } }] })
  const trace = 'a'.repeat(32)
  await world.db.rows(sql`update raw_pages set traceparent = ${`00-${trace}-${'b'.repeat(16)}-01`}`)
  const { body: why } = await call('GET', `/v1/posts/${post}/why`)
  expect(why).toMatchObject({
    answers: expect.arrayContaining([
      expect.objectContaining({
        endpoint: 'videos',
        recorded: ['content', 'numbers'],
        syncs: ['1'],
        has_body: true,
      }),
    ]),
    ml_jobs: expect.arrayContaining([
      expect.objectContaining({
        kind: 'text',
        status: 'done',
        has_result: true,
        model_version: expect.any(String),
      }),
    ]),
  })
  const { answers } = why as unknown as { answers: { page_id: string; trace_id: string }[] }
  expect(answers[0]?.trace_id).toBe(trace)
  const { body: page } = await call('GET', `/v1/pages/${answers[0]?.page_id}/body`)
  expect((page as unknown as { body: string }).body).toContain(
    (await world.db.rows<{ native_id: string }>(sql`select native_id from posts where id = ${post}`))[0]
      ?.native_id,
  )
  for (const path of ['', '/metrics', '/why'])
    expect((await call('GET', `/v1/posts/999999${path}`)).status).toBe(404)
})

test('the timeline of an account has each sync, how it went and how long it took', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(1) })
  await opened.runOnce()
  const [account] = await world.db.rows<{ id: string; handle: string }>(sql`select id, handle from accounts`)
  await call('POST', '/v1/syncs', { platform: 'youtube', handle: account?.handle, mode: 'full' })
  await opened.followThrough()
  const { body } = await call('GET', `/v1/accounts/${account?.id}/syncs?limit=1`)
  expect(body).toMatchObject({
    items: [
      {
        sync_id: '2',
        status: 'done',
        mode: 'full',
        lane: 'ad-hoc',
        parked: 0,
        finished_at: expect.any(String),
      },
    ],
    next: expect.any(String),
  })
  const { body: rest } = await call(
    'GET',
    `/v1/accounts/${account?.id}/syncs?after=${(body as unknown as Items<never>).next}`,
  )
  expect(rest).toMatchObject({ items: [{ sync_id: '1', lane: 'schedule' }], next: null })
  expect((await call('GET', '/v1/accounts/999/syncs')).status).toBe(404)
})

test('ML jobs that were parked get another attempt, their syncs wait for it, and everything is whole again', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(1) })
  const { ml } = world.simulators
  ml.plan({ path: '/jobs', times: 10_000, status: { status: 400, body: '{"code": "invalid_input"}' } })
  await opened.runOnce()
  ml.clearFaults()
  const { body: parked } = await call('GET', '/v1/ml-jobs?state=parked&limit=200')
  const jobs = parked as unknown as Items<{ id: string; reason: string; waiting: number }>
  expect(jobs.items.length).toBeGreaterThan(0)
  expect((await call('GET', '/v1/syncs/1')).body).toMatchObject({ state: 'incomplete' })
  const { body: dry } = await call('POST', '/v1/ml-jobs/redrive', { dry_run: true })
  expect(dry).toMatchObject({ matched: jobs.items.length, redriven: 0 })
  expect((await call('POST', '/v1/ml-jobs/redrive', { reason: 'other' })).body).toMatchObject({ matched: 0 })
  const { body: done } = await call('POST', '/v1/ml-jobs/redrive', {})
  expect(done).toMatchObject({ matched: jobs.items.length, redriven: jobs.items.length })
  expect((await call('GET', '/v1/syncs/1')).body).toMatchObject({ state: 'running' })
  expect((await call('GET', '/v1/ml-jobs')).body).toMatchObject({
    items: expect.arrayContaining([expect.objectContaining({ status: 'planned', attempt_no: 2 })]),
  })
  await opened.followThrough()
  expect((await call('GET', '/v1/syncs/1')).body).toMatchObject({ state: 'done' })
  expect((await call('GET', '/v1/ml-jobs?state=parked')).body).toEqual({ items: [], next: null })
  expect(await world.db.rows(sql`select action, about from audit_log`)).toEqual([
    { action: 'redrive', about: 'ML jobs' },
  ])
  expect(await verify(world.db)).toEqual([])
})

test('the overview counts accounts by freshness, open work, the ML backlog by age, and what is parked', async () => {
  const { world, opened, call } = await openApi({ observations: fewAccounts(2) })
  await opened.runOnce()
  await world.db.rows(sql`
    insert into ml_jobs (content_key, kind, model, created_at) values (md5('x')::uuid, 'text', 'm', app_now() - interval '2 days')`)
  expect((await call('GET', '/v1/overview')).body).toMatchObject({
    accounts: [{ platform: 'youtube', state: 'fresh', count: 2 }],
    ml_backlog: [
      { age: '1 hour', count: 0 },
      {},
      {},
      { age: '3 days', count: 1 },
      { age: 'longer', count: 0 },
    ],
    parked: { pages: 0, ml_jobs: 0, held_deletions: 0 },
  })
})
