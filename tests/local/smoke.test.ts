import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { openApi } from '../setup/api.ts'
import { cli } from '../setup/cli.ts'
import { fewAccounts } from '../setup/world.ts'

const smoke = (args: readonly string[], key = 'k'.repeat(32)) =>
  cli(['smoke', ...args, '--no-alarms'], { SOCIAL_SYNC_API_KEY: key })

const open = () => openApi({ observations: fewAccounts(1), platforms: [], env: { ML_URL: undefined } })

test('a stack that works is found to work: health, one account to its rows, every invariant', async () => {
  const { world, url } = await open()
  const [native] = world.world.accounts('youtube')
  const { code, stdout } = await smoke([url, '--account', `youtube:${native}`])
  expect(code).toBe(0)
  expect(stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/^ok {2}health: the database answers, its schema is \d{4}_/),
    expect.stringMatching(/^ok {2}sync 1: youtube:\S+ is on record within \d+ s$/),
    expect.stringMatching(/^ok {2}all \d+ invariants of the ledger hold$/),
    '',
    expect.stringContaining(`npx social-sync pause youtube:${native}`),
  ])
})

test('what does not work is one line and exit 2', async () => {
  const { world, url } = await open()
  const [native] = world.world.accounts('youtube')
  const account = ['--account', `youtube:${native}`]
  expect(await smoke([url, ...account], 'x'.repeat(32))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('send a valid key'),
  })
  world.simulators.youtube.plan({ path: '*', times: 100, status: { status: 404, body: '<html>' } })
  expect((await smoke([url, ...account, '--minutes', '0.05'])).code).toBe(2)
})

test('a database that is not as it should be is one line and exit 2', async () => {
  const { world, url } = await open()
  await world.db.rows(sql`alter table schema_migrations rename to away`)
  expect(await smoke([url])).toMatchObject({ code: 2, stderr: expect.stringContaining('database') })
})
