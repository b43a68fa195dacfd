import { execFile } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { newFolder, project } from '../setup/start.ts'

const roles = [
  'EXTRACT_YOUTUBE',
  'EXTRACT_INSTAGRAM',
  'EXTRACT_TIKTOK',
  'TRANSFORM',
  'POLL',
  'SYNC',
  'MIGRATE',
  'RUN',
  'READ',
]
const whole: Readonly<Record<string, string>> = {
  API_KEY: 'k',
  ...Object.fromEntries(roles.map((role) => [`DATABASE_PASSWORD_${role}`, 'p'])),
}

/** A copy of the scripts beside a stack that was built and has its secrets. */
function layScripts(secrets: object | null = whole) {
  const folder = newFolder()
  mkdirSync(join(folder, 'terraform'))
  mkdirSync(join(folder, 'dist'))
  writeFileSync(join(folder, 'dist/settings.json'), '{}')
  for (const name of ['check.mjs', 'keep.mjs'])
    cpSync(join(project, 'terraform', name), join(folder, 'terraform', name))
  cpSync(join(project, 'serverless.yml'), join(folder, 'serverless.yml'))
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
  if (secrets) writeFileSync(join(folder, 'terraform/secrets.json'), JSON.stringify(secrets))
  return folder
}

const run = (folder: string, script: string, env: Readonly<Record<string, string>>) =>
  new Promise<{ code: number; output: string }>((resolve) => {
    const path = join(folder, 'terraform', script)
    execFile(
      process.execPath,
      [path],
      { env: { PATH: process.env['PATH'] ?? '', ...env } },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    )
  })

test('a token of the right kind, secrets and a build are ready to apply', async () => {
  expect(await run(layScripts(), 'check.mjs', { YC_TOKEN: 't1.9euelZqVl==.sig' })).toEqual({
    ...{ code: 0, output: 'ready to apply\n' },
  })
})

test.for([
  ['', 'YC_TOKEN is not set'],
  ['y0_AgAAAAAEQ', 'is an OAuth token, and an IAM token is needed'],
  ['dummy', 'is of an unknown kind'],
] as const)('the token "%s" is refused before anything is made', async ([YC_TOKEN, says]) => {
  const { code, output } = await run(layScripts(), 'check.mjs', { YC_TOKEN })
  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(says) })
  if (YC_TOKEN) expect(output).not.toContain(YC_TOKEN)
})

test('every fault is named at once', async () => {
  const { output } = await run(
    layScripts({ ...whole, API_KEY: '', DATABASE_PASSWORD_POLL: undefined }),
    'check.mjs',
    {},
  )
  expect(output).toContain('YC_TOKEN is not set')
  expect(output).toContain('lacks API_KEY, DATABASE_PASSWORD_POLL')
  expect((await run(layScripts(null), 'check.mjs', {})).output).toContain('npm run secrets')
})

test('versions that run now are tagged before an upgrade, each once', async () => {
  const tagged: unknown[] = []
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    const isKnown = request.headers.authorization === 'Bearer t1.a.b'
    const [, id] = /^\/functions\/v1\/versions\/([^/]+):setTag$/.exec(pathname) ?? []
    const answer = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body))
    if (!isKnown) return answer(401, { message: 'Unauthenticated' })
    if (pathname === '/functions/v1/versions:byTag' && searchParams.get('tag') === '$latest')
      return answer(200, { id: `version-of-${searchParams.get('functionId')}`, status: 'ACTIVE' })
    if (id === undefined || request.method !== 'POST') return answer(404, { message: 'not found' })
    let body = ''
    for await (const chunk of request) body += chunk
    tagged.push([id, JSON.parse(body)])
    return answer(200, { id: 'operation', done: true })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  const folder = layScripts()
  const output = JSON.stringify({ poll: 'id-1', sync: 'id-2' })
  const program = `#!/bin/sh\ncase "$*" in *function_tag) echo "\\"\${TAG:-\\$latest}\\"" ;; *) echo '${output}' ;; esac\n`
  writeFileSync(join(folder, 'terraform-program'), program)
  mkdirSync(join(folder, 'bin'))
  cpSync(join(folder, 'terraform-program'), join(folder, 'bin/terraform'))
  chmodSync(join(folder, 'bin/terraform'), 0o755)
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
    FUNCTIONS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  }
  expect(await run(folder, 'keep.mjs', { ...env, YC_TOKEN: 't1.a.b' })).toEqual({
    code: 0,
    output: 'poll: version version-of-id-1 is kept\nsync: version version-of-id-2 is kept\n',
  })
  expect(tagged).toEqual([
    ['version-of-id-1', { tag: 'kept' }],
    ['version-of-id-2', { tag: 'kept' }],
  ])
  // After a rollback the newest version is not the one that runs.
  expect(await run(folder, 'keep.mjs', { ...env, YC_TOKEN: 't1.a.b', TAG: 'kept' })).toMatchObject({
    code: 1,
    output: expect.stringContaining('the tag kept'),
  })
  expect(tagged).toHaveLength(2)
  expect(await run(folder, 'keep.mjs', { ...env, YC_TOKEN: 't1.old.b' })).toMatchObject({
    code: 1,
    output: expect.stringContaining('401'),
  })
})
