import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { timerEvent } from '../../local/events.ts'
import { functionNames } from '../../local/functions.ts'
import { blankDatabase } from '../setup/database.ts'

const project = join(import.meta.dirname, '../..')
const context = { requestId: 'r1', getRemainingTimeInMillis: () => 60_000 }
let folder = ''

beforeAll(() => {
  // Built in a copy, so that a run of the tests leaves a build of the user's alone.
  folder = mkdtempSync(join(tmpdir(), 'social-sync-build-'))
  for (const name of [
    'drivers',
    'functions',
    'shared',
    'local',
    'package.json',
    'serverless.yml',
    'esbuild.config.mjs',
  ]) {
    cpSync(join(project, name), join(folder, name), { recursive: true })
  }
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
  execFileSync(process.execPath, ['esbuild.config.mjs'], { cwd: folder, stdio: 'pipe' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const migrationNames = readdirSync(join(project, 'shared/db/migrations')).sort()
const load = (name: string) => createRequire(join(folder, 'dist/'))(`./${name}/index.js`)

test.for(functionNames)(
  'the bundle of %s loads with require, and names the settings it lacks when it is called',
  async (name) => {
    vi.stubEnv('DATABASE_URL', undefined)
    await expect(load(name).handler({}, context)).rejects.toThrow(/DATABASE_URL/)
  },
)

test('every function runs from its bundle: maintain migrates, a tick without work does nothing, HTTP answers', async () => {
  const env = {
    DATABASE_URL: await blankDatabase(),
    QUEUE_ENDPOINT: 'http://127.0.0.1:9',
    QUEUE_ACCESS_KEY_ID: 'a',
    QUEUE_SECRET_ACCESS_KEY: 'b'.repeat(12),
    TRANSFORM_QUEUE_URL: 'q',
    EXTRACT_YOUTUBE_QUEUE_URL: 'q',
    EXTRACT_TIKTOK_QUEUE_URL: 'q',
    EXTRACT_INSTAGRAM_QUEUE_URL: 'q',
    YOUTUBE_API_KEY: 'k'.repeat(12),
    ML_URL: 'http://127.0.0.1:9',
    API_KEY: 'k'.repeat(32),
    LOG_LEVEL: 'error',
  }
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  expect(await load('maintain').handler(timerEvent('t', new Date()), context)).toMatchObject({
    applied: migrationNames,
    findings: [],
  })
  expect(await load('extract-youtube').handler(timerEvent('t', new Date()), context)).toEqual({ claimed: 0 })
  expect(await load('extract-tiktok').handler(timerEvent('t', new Date()), context)).toEqual({ claimed: 0 })
  expect(await load('poll').handler(timerEvent('t', new Date()), context)).toEqual({ asked: 0, finished: 0 })
  expect(await load('transform').handler({ messages: [] }, context)).toEqual({ transformed: 0 })
  const request = { httpMethod: 'GET', path: '/v1/syncs/1', headers: { 'X-Api-Key': 'k'.repeat(32) } }
  expect(await load('sync').handler(request, context)).toMatchObject({ statusCode: 404 })
  const console = await load('sync').handler({ httpMethod: 'GET', path: '/', headers: {} }, context)
  expect(console).toMatchObject({ statusCode: 200, body: expect.stringContaining('assets/main-') })
  vi.unstubAllEnvs()
})

test('the same sources give the same archives, byte by byte, without source maps and with licences', () => {
  const archives = () =>
    Object.fromEntries(
      functionNames.map((name) => [name, hashOf(readFileSync(join(folder, `dist/${name}.zip`)))]),
    )
  const first = archives()
  execFileSync(process.execPath, ['esbuild.config.mjs'], {
    cwd: folder,
    stdio: 'pipe',
    env: { ...process.env, TZ: 'Asia/Tokyo' },
  })
  expect(archives()).toEqual(first)
  const sync = unzipSync(readFileSync(join(folder, 'dist/sync.zip')))
  const names = Object.keys(sync)
  expect(names).toEqual(expect.arrayContaining(['index.js', 'LICENSES.txt', 'console/index.html']))
  const licences = new TextDecoder().decode(sync['LICENSES.txt'])
  for (const name of [
    'pg',
    'zod',
    '@middy/core',
    '@aws-sdk/client-sqs',
    '@yandex-cloud/nodejs-sdk',
    'preact',
    'uplot',
  ])
    expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'))
  expect(names.filter((name) => name.endsWith('.map'))).toEqual([])
})

test('each SDK is loaded from a file of its own, which stands beside the functions that use it', () => {
  const load = createRequire(join(folder, 'dist/'))
  expect(load('./sync/kms.js')).toMatchObject({ decrypt: expect.any(Function) })
  expect(load('./sync/queue.js')).toMatchObject({ openSqs: expect.any(Function) })
  const besides = (file: string) =>
    functionNames.filter((name) => existsSync(join(folder, `dist/${name}/${file}`)))
  expect(load('./poll/batch-inference.js')).toMatchObject({ openBatchInference: expect.any(Function) })
  expect(besides('batch-inference.js')).toEqual(['transform', 'poll'])
  expect(besides('kms.js')).toEqual(['extract-instagram', 'extract-tiktok', 'sync', 'maintain'])
  expect(besides('queue.js')).toEqual(functionNames.filter((name) => name !== 'maintain'))
})

test('no start file holds an SDK that is loaded only where it is used', () => {
  for (const name of functionNames) {
    const text = readFileSync(join(folder, `dist/${name}/index.js`), 'utf8')
    expect(text).not.toMatch(/@yandex-cloud\/nodejs-sdk|ydb-sdk|com\.amazonaws\.sqs|BatchInferenceService/)
  }
})
