import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { openApi } from '../setup/api.ts'

import { runScript } from '../setup/command.ts'
import { fewAccounts } from '../setup/world.ts'

/** `npx social-sync` in a folder of its own, over an address. */
const cli = (args: readonly string[], url: string, key = 'k'.repeat(32)) =>
  runScript('local/cli/main.ts', args, { SOCIAL_SYNC_URL: url, SOCIAL_SYNC_API_KEY: key })

const open = () => openApi({ observations: fewAccounts(2), platforms: [], env: { ML_URL: undefined } })

test('a newcomer follows an account, syncs it, sees what broke, puts it right, and checks every promise', async () => {
  const { world, opened, url } = await open()
  expect((await cli(['accounts'], url)).stdout).toContain('nobody is followed yet')
  const [native] = world.world.accounts('youtube')
  const followed = await cli(['follow', `https://www.youtube.com/channel/${native}`, '--every', '60'], url)
  expect(followed).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('npx social-sync sync youtube:'),
  })

  world.simulators.youtube.plan({
    path: '/youtube/v3/playlistItems',
    times: 1,
    status: { status: 404, body: '<html>' },
  })
  const broken = await cli(['sync', `youtube:${native}`], url)
  expect(broken).toMatchObject({ code: 1, stdout: expect.stringContaining('1 parked') })
  const parked = await cli(['parked'], url)
  expect(parked).toMatchObject({ code: 1, stdout: expect.stringMatching(/playlistItems +unreadable +1/) })
  expect((await cli(['redrive', '--dry-run'], url)).stdout).toContain('1 pages would be read again')
  await world.db.rows(sql`
    update raw_bodies set body = '{"items": []}' where raw_page_id in (select id from raw_pages where status = 'parked')`)
  expect((await cli(['redrive', '--reason', 'unreadable'], url)).stdout).toContain(
    '1 of 1 pages are read again',
  )
  await opened.followThrough()
  expect(await cli(['parked'], url)).toMatchObject({ code: 0, stdout: 'nothing is parked\n' })

  const whole = await cli(['sync', `youtube:${native}`, '--full', '--json'], url)
  expect(whole.code).toBe(0)
  expect(JSON.parse(whole.stdout)).toMatchObject({ state: 'done', tasks: [{ status: 'done' }] })
  expect((await cli(['status'], url)).stdout).toMatch(/http +full +done/)
  expect((await cli(['accounts'], url)).stdout).toMatch(/youtube +@\S+ +active +\d/)
  expect(await cli(['verify'], url)).toMatchObject({ code: 0, stdout: 'every promise is kept\n' })
})

test('an account is erased only when one says so', async () => {
  const { world, url } = await open()
  const [native] = world.world.accounts('youtube')
  await cli(['sync', `youtube:${native}`], url)
  expect(await cli(['erase', `youtube:${native}`], url)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--yes'),
  })
  expect((await cli(['erase', `youtube:${native}`, '--yes'], url)).stdout).toMatch(/erased, with \d+ posts/)
  expect(await world.db.rows(sql`select from posts`)).toEqual([])
})

test.for([
  { args: ['sync'], says: 'name an account' },
  { args: ['dance'], says: 'there is no command dance' },
  { args: ['status', '--nonsense'], says: 'npx social-sync --help' },
  { args: ['sync', 'youtube:a b'], says: 'handle: a handle has 2 to 30' },
  { args: ['sync', 'tiktok:tom'], says: "read by their owner's token" },
  { args: ['status', '999'], says: 'there is no such sync' },
  { args: ['follow', 'https://example.com/x'], says: 'platform: name the platform' },
])('npx social-sync $args is one line and exit 2', async ({ args, says }) => {
  const { url } = await open()
  const { code, stderr } = await cli(args, url)
  expect(code).toBe(2)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toContain(says)
})

test('a wrong key, and an address where nobody is, are told in one line', async () => {
  const { url } = await open()
  expect(await cli(['accounts'], url, 'x'.repeat(32))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('valid key'),
  })
  expect(await cli(['accounts'], 'http://127.0.0.1:9')).toMatchObject({
    code: 2,
    stderr: 'nobody answers at http://127.0.0.1:9\n',
  })
  expect(await cli(['accounts'], '')).toMatchObject({ code: 2, stderr: expect.stringContaining('npm start') })
})
