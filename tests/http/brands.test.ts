import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openApi } from '../setup/api.ts'
import { cli as run } from '../setup/cli.ts'
import { fewAccounts } from '../setup/world.ts'

const key = 'k'.repeat(32)

function fileOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-brands-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'brands.txt'), text)
  return join(folder, 'brands.txt')
}

test('a list of brands is imported, found in posts on record, shown with its posts, and a brand removed', async () => {
  const { opened, url, call } = await openApi({ observations: fewAccounts(2), env: { ML_URL: undefined } })
  await opened.runOnce()
  const cli = (...args: string[]) => run(args, { SOCIAL_SYNC_URL: url, SOCIAL_SYNC_API_KEY: key })
  expect(await cli('brands')).toMatchObject({ code: 0, stdout: expect.stringContaining('none yet') })
  const file = fileOf('\uFEFFAurora Runners; aurorarunners\r\n\r\nКофейня Зерно\tzerno.coffee\n')
  expect(await cli('brands', '--import', file)).toMatchObject({
    code: 0,
    stdout: '2 added, 0 changed; posts on record are looked through: npx social-sync brands\n',
  })
  const { body } = await call('GET', '/v1/brands')
  expect(body).toMatchObject({
    items: [
      { name: 'Aurora Runners', aliases: ['aurorarunners'], finds: 0, is_looked_through: true },
      { name: 'Кофейня Зерно', aliases: ['zerno.coffee'], is_looked_through: true },
    ],
    next: null,
  })
  const listed = await cli('brands')
  expect(listed.stdout).toMatch(/Кофейня Зерно +[1-9]\d* +0 +zerno\.coffee/)
  expect(await cli('brands', '--remove', 'aurora  runners')).toMatchObject({ code: 0 })
  expect(await cli('brands', '--remove', 'Aurora Runners')).toMatchObject({ code: 2 })
})

test('a fault in a list names its line, and nothing of it is taken over', async () => {
  const { url, call } = await openApi({ observations: [], env: { ML_URL: undefined } })
  const bad = fileOf('Gap\nX; y\n')
  expect(
    await run(['brands', '--import', bad], { SOCIAL_SYNC_URL: url, SOCIAL_SYNC_API_KEY: key }),
  ).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`line 2 of ${bad}: name: at least two letters or digits`),
  })
  expect(await call('POST', '/v1/brands', { brands: [{ name: 'Gap' }, { name: 'X' }] })).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'brands.1.name' }] },
  })
  expect(await call('GET', '/v1/brands')).toMatchObject({ body: { items: [] } })
})

test('a brand has handles on platforms and accounts that are followed, and a key repeated removes it once', async () => {
  const { call } = await openApi({ observations: [] })
  const save = (handles: object[]) => call('POST', '/v1/brands', { brands: [{ name: 'Zerno', handles }] })
  const handles = [
    { platform: 'instagram', handle: '@zerno.coffee' },
    { platform: 'tiktok', handle: 'zerno' },
  ]
  expect((await save(handles)).status).toBe(200)
  await call('POST', '/v1/accounts', { platform: 'youtube', handle: 'zerno.tv', brand: 'ZERNO' })
  expect((await call('GET', '/v1/brands')).body).toMatchObject({
    items: [{ handles: ['instagram:zerno.coffee', 'tiktok:zerno'], accounts: ['youtube:zerno.tv'] }],
  })
  await call('POST', '/v1/brands', { brands: [{ name: 'Zerno', aliases: ['zerno tv'] }] })
  expect((await call('GET', '/v1/brands')).body).toMatchObject({
    items: [{ handles: [expect.any(String), expect.any(String)] }],
  })
  await save([])
  expect((await call('GET', '/v1/brands')).body).toMatchObject({ items: [{ handles: [] }] })
  expect(await save([{ platform: 'myspace', handle: 'x' }])).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'brands.0.handles.0.platform' }] },
  })
  const remove = () => call('DELETE', '/v1/brands/1', undefined, { 'idempotency-key': 'once' })
  expect([(await remove()).status, (await remove()).status]).toEqual([200, 200])
  expect((await call('GET', '/v1/accounts/1')).body).toMatchObject({ brand: null })
})
