import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openPool } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'

import { giveTokens } from '../../local/live.ts'
import { openInstagram } from '../../local/simulators/instagram/server.ts'
import { ownUser, sharedToken } from '../../local/simulators/instagram/tokens.ts'
import { openTiktok } from '../../local/simulators/tiktok/server.ts'
import { openYoutube } from '../../local/simulators/youtube/server.ts'
import { worldOf } from '../../local/world/world.ts'
import { blankDatabase, openTestDatabase } from '../setup/database.ts'
import { idOf, people } from '../setup/instagram.ts'
import { someOf } from '../setup/some-of.ts'
import { interrupt, newFolder, start, stateOf } from '../setup/start.ts'
import { fewAccounts } from '../setup/world.ts'

/** Stands in for the platform itself: the address is all that differs. */
async function openPlatform() {
  const world = worldOf('platform', fewAccounts(3), () => null)
  const youtube = await openYoutube({ world, now: () => new Date(), apiKey: 'a-real-api-key' })
  onTestFinished(() => youtube.close())
  const DATABASE_URL = await blankDatabase()
  return { DATABASE_URL, YOUTUBE_API_URL: youtube.url, YOUTUBE_API_KEY: 'a-real-api-key' }
}

test('--live syncs a real channel into a database of its own and keeps following it', async () => {
  const folder = newFolder()
  const running = start(folder, ['--live', 'youtube:@zerno.coffee', '--port', '0'], await openPlatform())
  await running.printed('Next')
  const db = openPool({ url: stateOf(folder).database_url, max: 1 })
  const [row] = await db.rows<{ posts: number; now: Date; jobs: number }>(sql`
    select (select count(*)::int from posts) as posts, app_now() as now, (select count(*)::int from ml_jobs) as jobs`)
  expect(row?.posts).toBeGreaterThan(10)
  // The clock is never replaced, and without a provider nothing waits for ML.
  expect(Math.abs((row?.now.getTime() ?? 0) - Date.now())).toBeLessThan(60_000)
  expect(row?.jobs).toBe(0)
  expect(await db.rows(sql`select status from sync_tasks`)).toEqual([{ status: 'done' }])
  expect(await verify(db)).toEqual([])
  await db.end()
  expect((await interrupt(running)).code).toBe(0)
})

const lacking = [
  { name: 'without a key', env: { YOUTUBE_API_KEY: '' }, says: '--live needs YOUTUBE_API_KEY' },
  {
    name: 'with a key that is refused',
    env: { YOUTUBE_API_KEY: 'not-the-api-key' },
    says: 'youtube:@zerno.coffee: YouTube refuses the app: API_KEY_INVALID',
  },
  {
    name: 'without a network',
    env: { YOUTUBE_API_URL: 'http://127.0.0.1:9/youtube/v3' },
    says: 'youtube:@zerno.coffee: no answer from 127.0.0.1:9',
  },
]

test.for(someOf(lacking, 2))('--live $name ends with one clear line and exit 2', async ({ env, says }) => {
  const platform = await openPlatform()
  const { code, output } = await start(newFolder(), ['--live', 'youtube:@zerno.coffee', '--port', '0'], {
    ...platform,
    ...env,
  }).ended
  expect(code).toBe(2)
  expect(output.trim().split('\n').at(-1)).toContain(says)
  expect(output).not.toContain('not-the-api-key')
})

test('--live says when the platform does not know the channel', async () => {
  const { code, output } = await start(
    newFolder(),
    ['--live', 'youtube:@nobody-at-all', '--port', '0'],
    await openPlatform(),
  ).ended
  expect(code).toBe(2)
  expect(output.trim().split('\n').at(-1)).toBe('youtube:@nobody-at-all: the platform does not find it')
})

/** Instagram and TikTok themselves, with one account each whose owner lets us in. */
async function openOwned() {
  const now = () => new Date()
  const line = { platform: 'tiktok' as const, account: 'a_brand', at: '2026-01-01T00:00:00.000Z' }
  const videos = [1, 2, 3].map((number) => ({
    ...line,
    kind: 'post' as const,
    id: `70${number}`,
    resource: {
      id: `70${number}`,
      create_time: 1_790_000_000 + number,
      video_description: `video ${number}`,
    },
  }))
  const user = { open_id: 'open-1', username: 'a_brand', video_count: 3 }
  const observations = [
    ...people([{ username: 'a.brand', posts: 2 }]),
    { ...line, kind: 'profile' as const, id: 'open-1', resource: user },
    ...videos,
  ]
  const world = worldOf('platforms', observations, () => null)
  const instagram = await openInstagram({ world, now })
  const tiktok = await openTiktok({ world, now })
  onTestFinished(async () => {
    await instagram.close()
    await tiktok.close()
  })
  const tokens = tiktok.consent('open-1')
  return {
    DATABASE_URL: await blankDatabase(),
    INSTAGRAM_API_URL: instagram.url,
    INSTAGRAM_LOGIN_API_URL: instagram.url,
    TIKTOK_API_URL: tiktok.url,
    TIKTOK_CLIENT_KEY: 'client',
    TIKTOK_CLIENT_SECRET: 'client-secret',
    TIKTOK_ACCESS_TOKEN: tokens.access_token,
    TIKTOK_REFRESH_TOKEN: tokens.refresh_token,
    own: instagram.consent(idOf('a.brand')).access_token,
  }
}

test('--live reads accounts of Instagram and TikTok by the tokens of their owners, and shows no token', async () => {
  const { own, ...platforms } = await openOwned()
  const env = { ...platforms, INSTAGRAM_ACCESS_TOKEN: own, YOUTUBE_API_KEY: '' }
  const folder = newFolder()
  const live = ['--live', 'instagram:a.brand', '--live', 'tiktok:@a_brand', '--port', '0']
  const running = start(folder, live, env)
  await running.printed('Next')
  const db = openPool({ url: stateOf(folder).database_url, max: 1 })
  expect(
    await db.rows(sql`
    select a.platform, a.access_mode, a.status, count(p.*)::int as posts from accounts a
    left join posts p on p.account_id = a.id group by 1, 2, 3 order by 1`),
  ).toEqual([
    { platform: 'instagram', access_mode: 'own_oauth', status: 'active', posts: 2 },
    { platform: 'tiktok', access_mode: 'own_oauth', status: 'active', posts: 3 },
  ])
  expect(await verify(db)).toEqual([])
  await db.end()
  const { code, output } = await interrupt(running)
  expect(code).toBe(0)
  for (const token of [own, env.TIKTOK_ACCESS_TOKEN, env.TIKTOK_REFRESH_TOKEN]) {
    expect(output).not.toContain(token)
    expect(readFileSync(join(folder, '.local/functions.log'), 'utf8')).not.toContain(token)
  }
})

test('tokens that were refreshed since are not replaced by those of the environment', async () => {
  const { db } = await openTestDatabase()
  const env = { TIKTOK_ACCESS_TOKEN: 'old-access-token', TIKTOK_REFRESH_TOKEN: 'old-refresh-token' }
  await db.rows(
    sql`insert into accounts (platform, handle, access_mode) values ('tiktok', 'a_brand', 'own_oauth')`,
  )
  await db.rows(sql`
    insert into credentials (platform, account_id, sealed, access_expires_at)
    values ('tiktok', 1, 'x', app_now() - interval '1 day')`)
  // The access token has ended over night; what renews it is newer than the environment's, and no platform is asked.
  await giveTokens('http://127.0.0.1:9', 'key', db, 'tiktok:@a_brand', env)
  await db.rows(sql`update credentials set status = 'reauth_required'`)
  await expect(giveTokens('http://127.0.0.1:9', 'key', db, 'tiktok:@a_brand', env)).rejects.toThrow(
    'fetch failed',
  )
})

test('--live looks up an account of another owner by a shared token', async () => {
  const { own, ...platforms } = await openOwned()
  const env = { ...platforms, INSTAGRAM_ACCESS_TOKEN: sharedToken, INSTAGRAM_USER_ID: ownUser.id }
  const { code, output } = await start(
    newFolder(),
    ['--live', 'instagram:a.brand', '--port', '0', '--once'],
    env,
  ).ended
  expect(output).toMatch(/posts +2 /)
  expect(code).toBe(0)
})

const tokenless = [
  { account: 'instagram:a.brand', says: '--live needs INSTAGRAM_ACCESS_TOKEN: generate' },
  {
    account: 'tiktok:a_brand',
    says: '--live needs TIKTOK_ACCESS_TOKEN, TIKTOK_REFRESH_TOKEN, TIKTOK_CLIENT_KEY',
  },
]

test.for(someOf(tokenless, 1))(
  '--live $account without tokens says which and where from',
  async ({ account, says }) => {
    const none = { INSTAGRAM_ACCESS_TOKEN: '', TIKTOK_ACCESS_TOKEN: '' }
    const { code, output } = await start(newFolder(), ['--live', account], none).ended
    expect(code).toBe(2)
    expect(output.trim().split('\n').at(-1)).toContain(says)
  },
)

test('--live refuses a database that holds a simulated world', async () => {
  const { url } = await openTestDatabase()
  const env = { ...(await openPlatform()), DATABASE_URL: url }
  const { code, output } = await start(newFolder(), ['--live', 'youtube:@zerno.coffee'], env).ended
  expect({ code, output: output.trim() }).toEqual({
    code: 2,
    output: 'this database holds a simulated world, so real accounts are not put into it',
  })
})

test('a fault is switched on and off in a world that runs, and its syncs wait with the reason meanwhile', async () => {
  const folder = newFolder()
  const running = start(folder, ['--port', '0', '--clock', 'real', '--fault', 'youtube:key'])
  await running.printed('waiting 24 (credential)')
  const off = await start(folder, ['--fault', 'none']).ended
  expect(off).toEqual({ code: 0, output: 'all faults are off\n' })
  const on = await start(folder, ['--fault', 'youtube:quota', '--fault', 'ml:down']).ended
  expect(on.output).toContain('on: youtube:quota, ml:down')
  const page = new URL('/__sim', stateOf(folder).simulators.youtube)
  expect(await (await fetch(page)).json()).toMatchObject({ faults: ['quota'] })
  expect((await interrupt(running)).code).toBe(0)
})

test('one Ctrl-C that arrives twice ends the run gently', async () => {
  const env = { DATABASE_URL: await blankDatabase() }
  const running = start(newFolder(), ['--port', '0', '--clock', 'real'], env)
  await running.printed('HTTP API at')
  running.child.kill('SIGINT')
  running.child.kill('SIGINT')
  expect((await running.ended).code).toBe(0)
})

test('a fault that does not exist is one line and exit 2', async () => {
  const { code, output } = await start(newFolder(), ['--fault', 'youtube:rain']).ended
  expect(code).toBe(2)
  expect(output.trim()).toBe('--fault.0: no such fault, see --help')
})
