import { setTimeout as after } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { raw, sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { addressOf } from '#shared/media/address.ts'
import type { Observation } from '../../local/world/world.ts'
import { openApi } from '../setup/api.ts'

const hour = 3_600_000
const key = 'the key that signs addresses of pictures'
const link = 'https://p16-sign.tiktokcdn.com/cover/1.jpeg?x-expires=0'

/** One TikTok account with a video, whose cover a model looks at for ten days. */
async function openPicture(cover = link) {
  const line = { platform: 'tiktok' as const, account: 'user', at: '2026-01-01T00:00:00.000Z' }
  const user = { open_id: 'open', username: 'user', follower_count: 10, video_count: 1 }
  const video = { id: '71', create_time: 1_760_000_000, video_description: 'x', cover_image_url: cover }
  const observations: Observation[] = [
    { ...line, kind: 'profile', id: 'open', resource: user },
    { ...line, kind: 'post', id: '71', resource: video },
  ]
  const { world, opened, call, url } = await openApi({
    ...{ observations, platforms: ['tiktok'], ml: { durationMs: () => 240 * hour } },
    env: { MEDIA_URL: 'https://sync.example', MEDIA_KEY: key },
  })
  const { db, clock } = world
  const later = (ms: number) => clock.jumpTo(new Date(clock.now().getTime() + ms))
  /** What a busy machine left undone, timers take up a minute later. */
  const nextMinute = async () => {
    await later(60_000)
    for (const name of ['extract-tiktok', 'poll']) await opened.cloud.triggers.tick(name)
  }
  await call('POST', '/v1/syncs', { account_id: '1' })
  const content = await until(nextMinute, async () => {
    const [job] = await db.rows<{ key: string }>(sql`
      select content_key as key from ml_jobs where kind = 'image' and status = 'submitted'`)
    return job?.key
  })
  const address = (ends = new Date(clock.now().getTime() + 240 * hour), of = content) =>
    addressOf({ url, key }, of, ends)
  const fetchIt = (from: string) => fetch(from, { redirect: 'manual' })
  const expiry = async () => {
    const [medium] = await db.rows<{ at: Date }>(sql`select url_expires_at as at from post_media`)
    return medium?.at ?? new Date(0)
  }
  const renew = () => opened.cloud.triggers.tick('maintain')
  return { db, clock, address, fetchIt, expiry, later, nextMinute, renew }
}

/** @param nextMinute called each time that so many `looks` found nothing */
async function until<T>(
  nextMinute: () => Promise<void>,
  found: () => Promise<T | undefined>,
  looks = 250,
): Promise<T> {
  for (let look = 1; ; look += 1) {
    const one = await found()
    if (one !== undefined) return one
    await after(20)
    if (look % looks === 0) await nextMinute()
  }
}

test('the address of a picture leads to the link of the platform while that works', async () => {
  const { address, fetchIt, db, expiry } = await openPicture()
  const answer = await fetchIt(address())
  expect(answer.status).toBe(302)
  const ends = Math.floor((await expiry()).getTime() / 1000)
  expect(answer.headers.get('location')).toBe(`https://p16-sign.tiktokcdn.com/cover/1.jpeg?x-expires=${ends}`)
  expect(answer.headers.get('cache-control')).toBe('private, max-age=60')
  expect(await db.rows(sql`select count(*)::int as syncs from sync_jobs`)).toEqual([{ syncs: 1 }])
  expect(await verify(db)).toEqual([])
})

test('when the link is dead the account is read again, once for all who ask, and they are led to the new one', async () => {
  const { address, fetchIt, clock, later, nextMinute, expiry, db, renew } = await openPicture()
  const before = await expiry()
  await later(7 * hour)
  await renew()
  // As a provider does when it is asked to come again, which takes seconds each time: on a busy machine the account is not
  // read within them.
  const insist = (from: string) =>
    until(
      nextMinute,
      async () => {
        const answer = await fetchIt(from)
        return answer.status === 503 ? undefined : answer
      },
      2,
    )
  const answers = await Promise.all([insist(address()), insist(address()), insist(address())])
  expect(answers.map(({ status }) => status)).toEqual([302, 302, 302])
  const now = await expiry()
  expect(now.getTime()).toBeGreaterThan(before.getTime() + 6 * hour)
  for (const { headers } of answers)
    expect(headers.get('location')).toContain(`x-expires=${Math.floor(now.getTime() / 1000)}`)
  expect(await db.rows(sql`select origin, mode from sync_jobs order by id`)).toEqual([
    { origin: 'http', mode: 'incremental' },
    { origin: 'http', mode: 'full' },
  ])
  expect(clock.now() < now).toBe(true)
  expect(await verify(db)).toEqual([])
})

test('while the account has to wait, the caller is asked to come again when that ends', async () => {
  const { address, fetchIt, later } = await openPicture()
  // Tokens of owners end sooner, and nothing has renewed this one.
  await later(25 * hour)
  const answer = await fetchIt(address())
  expect(answer.status).toBe(503)
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(800)
})

test('a link that stays dead after the account was read is not asked for at each request', async () => {
  const { address, fetchIt, db } = await openPicture()
  await db.rows(sql`update sync_tasks set walk_ended_at = app_now(), mode = 'full'`)
  await db.rows(sql`update post_media set url_expires_at = app_now()`)
  const answer = await fetchIt(address())
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '3600'])
  expect(await db.rows(sql`select count(*)::int as syncs from sync_jobs`)).toEqual([{ syncs: 1 }])
})

test.for([
  [
    'whose post was deleted',
    `update posts set status = 'deleted', miss_count = 2, missing_since = app_now()`,
  ],
  ['whose account is closed', `update accounts set status = 'closed'`],
  ['that no post has any more', `update post_media set content_key = null`],
] as const)('a picture with a dead link %s is gone', async ([, statement]) => {
  const { address, fetchIt, db } = await openPicture()
  await db.rows(sql`update post_media set url_expires_at = app_now()`)
  await db.rows(raw(statement))
  expect((await fetchIt(address())).status).toBe(410)
})

test.for([
  ['whose owner must grant access again', `update accounts set status = 'reauth_required'`],
  ['of an imported account', `update accounts set access_mode = 'import'`],
  ['that no job is about any more', `update ml_jobs set status = 'failed', finished_at = app_now()`],
] as const)(
  'a picture with a dead link %s is asked for later, and nothing is read',
  async ([, statement]) => {
    const { address, fetchIt, db } = await openPicture()
    await db.rows(sql`update post_media set url_expires_at = app_now()`)
    await db.rows(raw(statement))
    const answer = await fetchIt(address())
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '21600'])
    expect(await db.rows(sql`select count(*)::int as syncs from sync_jobs`)).toEqual([{ syncs: 1 }])
  },
)

test('a picture that needs a further walk behind the one under way is asked for once', async () => {
  const { address, fetchIt, db } = await openPicture()
  await db.rows(sql`update post_media set url_expires_at = app_now()`)
  await db.rows(sql`
    insert into sync_tasks (account_id, platform, lane, mode, status, reason, run_at, cursor)
    select account_id, platform, lane, 'incremental', 'waiting', 'quota', app_now() + interval '1 hour', cursor from sync_tasks`)
  for (let time = 0; time < 3; time += 1) expect((await fetchIt(address())).status).toBe(503)
  expect(await db.rows(sql`select count(*)::int as syncs from sync_jobs`)).toEqual([{ syncs: 2 }])
})

test('an address that we did not sign is not found, and one whose time is over is gone', async () => {
  const { address, fetchIt, clock } = await openPicture()
  const good = address()
  expect(
    (await fetchIt(good.replace(/sig=(.)/, (_all, first) => `sig=${first === 'A' ? 'B' : 'A'}`))).status,
  ).toBe(404)
  expect((await fetchIt(good.replace(/until=\d/, 'until=9'))).status).toBe(404)
  expect((await fetchIt(good.replace(/\/media\/../, '/media/zz'))).status).toBe(404)
  expect((await fetchIt(good.replace(/&sig=.*/, ''))).status).toBe(404)
  expect((await fetchIt(address(new Date(clock.now().getTime() - 1_000)))).status).toBe(410)
})

test.for([
  'https://evil.example/1.jpeg?x-expires=0',
  'https://tiktokcdn.com.evil.example/1.jpeg?x-expires=0',
  'http://p16-sign.tiktokcdn.com/1.jpeg?x-expires=0',
  'http://169.254.169.254/latest/meta-data?x-expires=0',
])('no caller is led to %s', async (elsewhere) => {
  const { address, fetchIt } = await openPicture(elsewhere)
  expect((await fetchIt(address())).status).toBe(410)
})
