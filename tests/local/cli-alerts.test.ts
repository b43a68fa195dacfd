import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { openApi } from '../setup/api.ts'
import { cli } from '../setup/cli.ts'
import { newFolder } from '../setup/start.ts'

test('on the command line alerts are read, and channels added, tested, told and removed', async () => {
  const api = await openApi({ observations: [], platforms: [] })
  const env = { SOCIAL_SYNC_URL: api.url, SOCIAL_SYNC_API_KEY: 'k'.repeat(32) }
  const folder = newFolder()
  const run = (...args: readonly string[]) => cli(args, env, folder)
  expect(await run('alerts')).toMatchObject({ code: 0, stdout: 'nothing is wrong\n' })
  expect(await run('channels')).toMatchObject({
    stdout: expect.stringContaining('no channel gets alerts yet'),
  })
  const added = await run(
    'channels',
    '--add',
    'team',
    '--telegram',
    '42',
    '--causes',
    'app_refused',
    '--language',
    'ru',
  )
  expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('team gets alerts from now on') })
  const hook = await run('channels', '--add', 'program', '--webhook', 'http://127.0.0.1:9/')
  expect(hook.stdout).toMatch(/whsec_[\w+/=]{32}/)
  expect(await run('channels', '--test', 'team')).toMatchObject({
    code: 0,
    stdout: 'team took the message\n',
  })
  expect(await run('channels', '--test', 'program')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('no answer'),
  })
  await api.world.db.rows(sql`
    insert into app_faults (platform, access_mode, code, message, remedy, look_at)
    values ('youtube', 'public_key', 'x', 'the key is refused', 'make another', app_now())`)
  await api.opened.cloud.triggers.tick('maintain')
  expect(api.world.simulators.telegram.messages.at(-1)?.text).toContain('Платформа не принимает приложение')
  const firing = await run('alerts')
  expect(firing.code).toBe(1)
  expect(firing.stdout).toMatch(/A platform refuses the app +YouTube: the key is refused\. make another/)
  await api.world.db.rows(sql`delete from app_faults`)
  await api.opened.cloud.triggers.tick('maintain')
  expect(await run('alerts')).toMatchObject({ code: 0 })
  expect((await run('alerts', '--all')).stdout).toContain('A platform refuses the app')
  expect(await run('channels')).toMatchObject({
    stdout: expect.stringMatching(/team +telegram +42 +app_refused/),
  })
  expect(await run('channels', '--remove', 'team')).toMatchObject({ code: 0 })
  expect(await run('channels', '--remove', 'team')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no channel'),
  })
  expect(await run('channels', '--add', 'x')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('one of --webhook'),
  })
})
