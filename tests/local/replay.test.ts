import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { cli } from '../setup/cli.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

/** `npm run replay` */
const replay = (args: readonly string[], url: string) => cli(['replay', ...args], { DATABASE_URL: url })

test('npm run replay shows the difference as a table or as JSON, and processes pages again only with --apply', async () => {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  await world.syncAll()
  await world.db.rows(sql`update posts set title = 'by older rules'`)
  await world.db.rows(sql`update raw_pages set transform_version = 1`)
  const shown = await replay([], world.url)
  expect(shown).toMatchObject({ code: 0, stderr: '' })
  expect(shown.stdout).toMatch(/title +\d+/)
  expect(shown.stdout).toContain('"by older rules" →')
  const stored = () => world.db.rows(sql`select from raw_pages where status = 'stored'`)
  expect(await stored()).toEqual([])
  const { stdout } = await replay(['--json', '--platform', 'youtube', '--apply'], world.url)
  const diff = JSON.parse(stdout)
  expect(diff).toMatchObject({ changed: { title: expect.any(Number) }, unreadable: 0, ml_jobs: 0 })
  expect(diff.set_back).toBe(diff.pages)
  expect(await stored()).toHaveLength(diff.pages)
  expect((await replay([], world.url)).stdout).toContain('No row would change')
})

test.for([
  { args: ['--platform', 'myspace'], says: 'give one of youtube, instagram, tiktok' },
  { args: ['--nonsense'], says: '--help' },
])('npm run replay $args is one line and exit 2', async ({ args, says }) => {
  const { code, stderr } = await replay(args, 'postgres://nobody@127.0.0.1:1/none')
  expect(code).toBe(2)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toContain(says)
})

test('without a database npm run replay says what to do', async () => {
  expect(await replay([], '')).toMatchObject({ code: 2, stderr: expect.stringContaining('npm start') })
})
