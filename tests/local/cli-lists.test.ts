import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { openApi } from '../setup/api.ts'
import { cli } from '../setup/cli.ts'
import { newFolder } from '../setup/start.ts'

async function open() {
  const api = await openApi({ observations: [] })
  const env = { SOCIAL_SYNC_URL: api.url, SOCIAL_SYNC_API_KEY: 'k'.repeat(32) }
  const folder = newFolder()
  const run = (args: readonly string[], stdin = '') => cli(args, env, folder, stdin)
  return { ...api, run, folder }
}

test('accounts named one after the other are followed, with an answer for each, as people and as programs read it', async () => {
  const { run, world } = await open()
  const args = [
    'follow',
    'instagram:a.brand',
    'https://youtu.be/dQw4w9WgXcQ',
    '@b',
    '--client',
    'Zerno',
    '--tag',
    'new',
    'big',
  ]
  const { code, stdout } = await run(args)
  expect(code).toBe(1)
  expect(stdout).toContain('2   https://youtu.be/dQw4w9WgXcQ   this is a video: open it')
  expect(stdout).toContain('3   @b ')
  expect(stdout).toContain('1 followed, 2 refused')
  const { stdout: json } = await run([...args, '--json'])
  expect(JSON.parse(json)).toMatchObject({
    results: [
      { index: 0, status: 'known', account: { handle: 'a.brand' } },
      { index: 1, status: 'refused', problem: { type: 'urn:social-sync:problem:invalid_line' } },
      { index: 2, status: 'refused', problem: { errors: [{ field: 'platform' }] } },
    ],
  })
  expect(await world.db.rows(sql`select tags from accounts`)).toEqual([{ tags: ['big', 'new'] }])
})

test('a CSV file and a list on standard input are followed, and found again by client, tag and a part of the name', async () => {
  const { run, folder } = await open()
  const csv = [
    ['\uFEFFHandle', 'Client', 'Tags', 'Platform'].join(';'),
    ['a.brand', '"Café ""Índigo"""', '"coffee|shop"', 'Instagram'].join(';'),
    'https://www.youtube.com/@zerno.coffee;Zerno;;',
    ';Zerno;;',
  ].join('\r\n')
  writeFileSync(join(folder, 'accounts.csv'), csv)
  const { stdout } = await run(['follow', '--file', 'accounts.csv'])
  expect(stdout).toContain('2 followed, 1 refused')
  expect(stdout).toMatch(/3 +Too small/)
  expect(
    (await run(['follow', '-', '--client', 'Lists'], 'instagram:one\n\ninstagram:two, instagram:three')).code,
  ).toBe(0)
  const found = async (...args: string[]) =>
    (JSON.parse((await run(['accounts', ...args, '--json'])).stdout) as { handle: string }[]).map(
      ({ handle }) => handle,
    )
  expect(await found('--client', 'lists', '--sort', 'handle')).toEqual(['one', 'three', 'two'])
  expect(await found('--tag', 'coffee')).toEqual(['a.brand'])
  expect(await found('--search', 'ZERNO')).toEqual(['zerno.coffee'])
  expect((await run(['accounts', '--client', 'Café Índigo'])).stdout).toContain('Café "Índigo"')
  expect((await run(['accounts', '--state', 'paused'])).stdout).toContain('no account is like that')
})

test('an account is unfollowed, and followed again as it was', async () => {
  const { run } = await open()
  await run(['follow', 'instagram:one', 'instagram:two'])
  const { code, stdout } = await run(['unfollow', 'instagram:one', 'instagram:two'])
  expect(code).toBe(0)
  expect(stdout).toContain('instagram:two  unfollowed')
  expect((await run(['unfollow', 'instagram:two'])).stdout).toContain('instagram:two  was unfollowed before')
  expect((await run(['accounts'])).stdout).toContain('no account is followed yet')
  expect((await run(['resume', 'instagram:one'])).stdout).toContain('it is unfollowed')
  expect((await run(['follow', 'instagram:one'])).stdout).toMatch(/1 +instagram +@one +active/)
})

test.for([
  ['handle,color\na,b', 'there is no column color'],
  ['handle,tags\na,one\nb,one,two', 'line 3: more cells than columns; put a cell with a , in quotes'],
  ['handle,client\n"a,b', 'line 2: a quote is not closed'],
] as const)('a CSV that cannot be read is refused in words: %s', async ([text, says]) => {
  const { run } = await open()
  expect(await run(['follow', '-'], text)).toMatchObject({ code: 2, stderr: expect.stringContaining(says) })
})

test('a link for an owner is made, and what is to be registered is shown', async () => {
  const { run, url } = await open()
  expect((await run(['connect'])).stdout).toContain(`${url}/v1/connect/instagram/callback`)
  const { code, stdout } = await run(['connect', 'tiktok', '--client', 'Zerno', '--hours', '24'])
  expect([code, stdout]).toEqual([0, expect.stringContaining(`${url}/connect/`)])
  expect((await run(['links'])).stdout).toMatch(/1 +tiktok +Zerno +open/)
  expect((await run(['consents'])).stdout).toContain('no owner has granted access yet')
  expect(await run(['connect', 'youtube'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('instagram or tiktok'),
  })
  expect(await run(['connect', 'tiktok', '--hours', 'x'])).toMatchObject({ code: 2 })
})

test('a client is given a key that sees its own accounts alone, until it is revoked', async () => {
  const { run, url, folder } = await open()
  await run(['follow', 'instagram:ours.shop', '--client', 'Ours'])
  await run(['follow', 'instagram:theirs.shop', 'instagram:b.theirs', '--client', 'Theirs'])
  expect((await run(['keys'])).stdout).toContain('none beside that of the settings')
  const made = await run(['keys', '--make', 'ours', '--scopes', 'sync', '--clients', 'Ours', '--json'])
  const { key } = JSON.parse(made.stdout) as { key: string }
  expect((await run(['keys'])).stdout).toMatch(/ours +sync +Ours +\d{4}-/)
  const asClient = (args: string[]) => cli(args, { SOCIAL_SYNC_URL: url, SOCIAL_SYNC_API_KEY: key }, folder)
  const seen = await asClient(['accounts'])
  expect(seen.stdout).toContain('@ours.shop')
  expect(seen.stdout).not.toContain('theirs')
  expect((await asClient(['pause', 'instagram:theirs.shop'])).stderr).toContain('is not followed')
  expect((await asClient(['follow', 'instagram:theirs.shop'])).stderr).toContain(
    'this key follows it for no client',
  )
  expect((await asClient(['keys'])).code).toBe(2)
  expect((await run(['keys', '--revoke', 'ours'])).code).toBe(0)
  expect((await asClient(['accounts'])).code).toBe(2)
  expect((await run(['keys', '--revoke', 'ours'])).stderr).toContain('there is no key of the name ours')
})
