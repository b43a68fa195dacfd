import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { switchFaults } from '../../local/switch-faults.ts'
import { openApi } from '../setup/api.ts'
import { cli as run } from '../setup/cli.ts'
import { runScript } from '../setup/command.ts'
import { fewAccounts } from '../setup/world.ts'

/** `npx social-sync` for the API at an address. */
const cli = (args: readonly string[], url: string, key = 'k'.repeat(32)) =>
  run(args, { SOCIAL_SYNC_URL: url, SOCIAL_SYNC_API_KEY: key })

const open = () => openApi({ observations: fewAccounts(2), platforms: [], env: { ML_URL: undefined } })

test('a newcomer follows an account, syncs it, sees what broke, puts it right, and checks every invariant', async () => {
  const { world, opened, url } = await open()
  expect((await cli(['accounts'], url)).stdout).toContain('no account is followed yet')
  const [native] = world.world.accounts('youtube')
  const followed = await cli(['follow', `https://www.youtube.com/channel/${native}`, '--every', '60'], url)
  expect(followed).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('npx social-sync sync youtube:'),
  })

  const addresses = { youtube: world.simulators.youtube.url }
  await switchFaults(['youtube:proxy'], addresses)
  const broken = await cli(['sync', `youtube:${native}`], url)
  expect(broken).toMatchObject({ code: 1, stdout: expect.stringContaining('1 page parked') })
  await switchFaults(['none'], addresses)
  const parked = await cli(['parked'], url)
  expect(parked).toMatchObject({ code: 1, stdout: expect.stringMatching(/playlistItems +unreadable +1/) })
  expect((await cli(['redrive', '--dry-run'], url)).stdout).toContain('1 page would be processed again')
  expect((await cli(['redrive', '--reason', 'unreadable'], url)).stdout).toContain(
    '1 of 1 page processed again',
  )
  await opened.followThrough()
  // The rules of now know it as little as before.
  expect((await cli(['parked'], url)).code).toBe(1)

  const whole = await cli(['sync', `youtube:${native}`, '--full', '--json'], url)
  expect(whole.code).toBe(0)
  expect(JSON.parse(whole.stdout)).toMatchObject({ state: 'done', tasks: [{ status: 'done' }] })
  expect((await cli(['drop', '--reason', 'unreadable', '--dry-run'], url)).stdout).toContain(
    '1 page would be dropped',
  )
  expect((await cli(['drop', '--reason', 'unreadable', '--yes'], url)).stdout).toContain(
    '1 of 1 page dropped',
  )
  expect(await cli(['parked'], url)).toMatchObject({ code: 0, stdout: 'nothing is parked\n' })
  expect((await cli(['status'], url)).stdout).toMatch(/http +full +done/)
  expect((await cli(['accounts'], url)).stdout).toMatch(/youtube +@\S+ +active +\d/)
  const history = await cli(['history', `youtube:${native}`, '--of', 'views'], url)
  expect(history).toMatchObject({ code: 0, stdout: expect.stringMatching(/views +[\d,]+ +at \d{4}-/) })
  expect(await cli(['verify'], url)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^all \d+ invariants hold\n$/),
  })
})

test('broken ML jobs are shown, retried, and end well', async () => {
  const { world, opened, url } = await openApi({ observations: fewAccounts(1) })
  const addresses = { ml: world.simulators.ml.url }
  await switchFaults(['ml:garbage'], addresses)
  await opened.runOnce()
  await switchFaults(['none'], addresses)
  const parked = await cli(['parked'], url)
  expect(parked).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(
      /ML jobs that wait for a person.*image +image-v1 +broken answer +\d+ +job \d+/s,
    ),
  })
  expect((await cli(['redrive', '--ml', '--dry-run'], url)).stdout).toMatch(/\d+ ML jobs would be retried/)
  expect((await cli(['redrive', '--ml'], url)).stdout).toMatch(/(\d+) of \1 ML jobs retried/)
  await opened.followThrough()
  expect((await cli(['parked'], url)).code).toBe(0)
  expect(await cli(['status', '1'], url)).toMatchObject({ code: 0, stdout: expect.stringContaining('done') })
})

test('an account is paused and resumed', async () => {
  const { world, url } = await open()
  const name = `youtube:${world.world.accounts('youtube')[0]}`
  await cli(['follow', name], url)
  expect((await cli(['pause', name], url)).stdout).toContain('paused by hand')
  expect(await world.db.rows(sql`select status from accounts`)).toEqual([{ status: 'paused' }])
  expect((await cli(['resume', name], url)).stdout).toContain('active')
  expect(await cli(['pause', 'youtube:@nobody'], url)).toMatchObject({ code: 2 })
})

test('an account is erased only with --yes', async () => {
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
  { args: ['sync'], says: "missing required argument 'account' (see npx social-sync sync --help)" },
  { args: ['dance'], says: "unknown command 'dance'" },
  { args: ['statsu'], says: "unknown command 'statsu' (Did you mean status?) (see npx social-sync --help)" },
  { args: ['status', '--nonsense'], says: "unknown option '--nonsense' (see npx social-sync status --help)" },
  { args: ['sync', 'youtube:a', '--ful'], says: '(Did you mean --full?)' },
  { args: ['posts', 'youtube:a', '--full'], says: "unknown option '--full'" },
  { args: ['pause', 'youtube:a', 'youtube:b'], says: 'too many arguments' },
  { args: ['constructor'], says: "unknown command 'constructor'" },
  { args: ['drop'], says: '--reason' },
  { args: ['drop', '--reason', 'unreadable'], says: '--yes' },
  { args: ['sync', 'youtube:a b'], says: 'handle: a handle has 2 to 30' },
  { args: ['sync', 'tiktok:tom'], says: "read by their owner's token" },
  { args: ['status', '999'], says: 'there is no such sync' },
  { args: ['cancel'], says: "missing required argument 'sync'" },
  { args: ['cancel', 'x'], says: 'x is not the id of a sync' },
  { args: ['follow', 'https://example.com/x'], says: 'handle: accounts of example.com are not supported' },
  { args: ['follow'], says: 'name accounts, or give a list' },
  { args: ['follow', '--file', 'nowhere.csv'], says: 'nowhere.csv cannot be read' },
  { args: ['follow', 'youtube:ab', 'youtube:cd', '--every', '60'], says: '--every is for one account' },
  { args: ['unfollow', 'youtube:nobody'], says: 'is not followed' },
  { args: ['accounts', 'youtube:a'], says: 'too many arguments' },
])('npx social-sync $args is one line and exit 2', async ({ args, says }) => {
  const { url } = await open()
  const { code, stderr } = await cli(args, url)
  expect(code).toBe(2)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toContain(says)
})

test('a wrong key and an address without a server are one line', async () => {
  const { url } = await open()
  expect(await cli(['accounts'], url, 'x'.repeat(32))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('valid key'),
  })
  expect(await cli(['accounts'], 'http://127.0.0.1:9')).toMatchObject({
    code: 2,
    stderr: 'no answer from http://127.0.0.1:9\n',
  })
  expect(await cli(['accounts'], '')).toMatchObject({ code: 2, stderr: expect.stringContaining('npm start') })
})

test('a sync is planned before it runs, and its history is a chart', async () => {
  const { world, opened, url } = await open()
  const [native] = world.world.accounts('youtube')
  const name = `youtube:${native}`
  const before = await cli(['plan', name], url)
  expect(before).toMatchObject({ code: 0, stdout: expect.stringContaining('not known yet') })
  expect(await cli(['posts', name], url)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is not followed'),
  })
  await cli(['sync', name, '--full', '--no-wait'], url)
  await opened.followThrough()
  expect((await cli(['plan', name, '--full', '--backfill'], url)).stdout).toMatch(
    /calls +1 channels, \d+ playlistItems, \d+ videos/,
  )
  // Days pass, and the channel grows.
  await world.db.rows(sql`
    insert into profile_metrics (account_id, observed_at, followers)
    select account_id, observed_at - n * interval '1 day', followers - 100 * n from profile_metrics, generate_series(1, 9) n`)
  const { stdout } = await cli(['history', name], url)
  expect(stdout).toMatch(/followers +[\d,]+ +at/)
  expect(stdout).toMatch(/change +\+900 +since .*, 10 points/)
  expect(stdout.match(/[━┗┏┛┓]/g)?.length).toBeGreaterThan(9)
  expect((await cli(['history', name, '--of', 'stars'], url)).stderr).toContain('--of is one of')
})

test('a post shows what it comes from, by its id here and by its id on the platform', async () => {
  const { world, opened, url } = await openApi({ observations: fewAccounts(1) })
  await opened.runOnce()
  const [post] = await world.db.rows<{ id: string; native_id: string; name: string }>(sql`
    select p.id, p.native_id, a.platform || ':@' || a.handle as name from posts p join accounts a on a.id = p.account_id
    order by p.published_at desc limit 1`)
  expect((await cli(['posts', post?.name ?? ''], url)).stdout).toMatch(new RegExp(`${post?.id} +\\d{4}-`))
  for (const name of [post?.id, `youtube:${post?.native_id}`]) {
    const { code, stdout } = await cli(['why', name ?? ''], url)
    expect(code).toBe(0)
    expect(stdout).toMatch(/videos +content and numbers +\d+ +1 +\d+/)
    expect(stdout).toMatch(/text +text-v1\S* +1 +done/)
  }
  expect((await cli(['why', 'youtube:nothing'], url)).stderr).toContain('is not on record')
  expect((await cli(['history', post?.id ?? ''], url)).stdout).toMatch(/views +[\d,]+|hides its views/)
})

test('a sync is cancelled, and retried to its end', async () => {
  const { world, opened, url } = await open()
  const [native] = world.world.accounts('youtube')
  world.simulators.youtube.plan({ path: '*', times: 100, status: { status: 503, body: '' } })
  const { stdout } = await cli(['sync', `youtube:${native}`, '--no-wait', '--json'], url)
  const { id } = JSON.parse(stdout) as { id: string }
  expect((await cli(['cancel', id], url)).stdout).toContain('1 account cancelled')
  world.simulators.youtube.clearFaults()
  expect((await cli(['retry', id, '--no-wait'], url)).code).toBe(0)
  await opened.followThrough()
  expect((await cli(['status'], url)).stdout).toMatch(/http +incremental +done/)
  expect((await cli(['retry', '999'], url)).stderr).toContain('no such sync')
})

test('what new rules would change is shown from the database, and nothing is changed', async () => {
  const { world, opened, url } = await openApi({ observations: fewAccounts(1) })
  await opened.runOnce()
  const env = { SOCIAL_SYNC_URL: url, SOCIAL_SYNC_API_KEY: 'k'.repeat(32), DATABASE_URL: world.url }
  const { code, stdout } = await run(['replay', '--all', '--json'], env)
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ changed: {}, unreadable: 0, pages: expect.any(Number) })
})

test('the command runs as a process: text on stdout, faults on stderr, the exit code, help of each command', async () => {
  const { url } = await open()
  const env = { SOCIAL_SYNC_URL: url, SOCIAL_SYNC_API_KEY: 'k'.repeat(32) }
  const main = (args: readonly string[]) => runScript('local/cli/main.ts', args, env)
  expect(await main(['accounts', '--json'])).toEqual({ code: 0, stdout: '[]\n', stderr: '' })
  expect(await main(['why'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^missing .*\n$/),
  })
  expect(await main(['redrive', '--help'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('--dry-run'),
    stderr: '',
  })
  expect(await main([])).toMatchObject({
    code: 2,
    stdout: expect.stringContaining('follow [options] [accounts...]'),
  })
})
