import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { openPool } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { freePort } from '../../local/free-port.ts'
import { canContain } from '../setup/container.ts'
import { blankDatabase } from '../setup/database.ts'
import { eventually } from '../setup/eventually.ts'
import { builtImage, canBuild, type Image, laidImage } from '../setup/image.ts'
import { canDrive, openOrchestrator } from '../setup/orchestrator.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

const key = 'k'.repeat(32)
const isBuilt = inject('isFull') && canBuild

/** A database that takes connections and says nothing. */
async function openSilent() {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return { url: `postgres://user@127.0.0.1:${(server.address() as AddressInfo).port}/none` }
}

describe.skipIf(!canContain)(`the image, ${isBuilt ? 'built by its Dockerfile' : 'laid out by hand'}`, () => {
  let image: Image
  beforeAll(async () => {
    image = await (isBuilt ? builtImage() : laidImage())
    return image.remove
  }, 600_000)

  /** A container of the image, when it takes work or has ended. */
  const run = async (command: string, env: Readonly<Record<string, string>>) => {
    const HEALTH_PORT = String(await freePort())
    const container = image.start([command], { ...env, HEALTH_PORT })
    const isReady = async () => (await image.start(['health'], { HEALTH_PORT }).ended) === 0
    const takesWork = () =>
      eventually(isReady).catch(() => expect.fail(`${command} takes no work:\n${container.output()}`))
    const statusOf = async (path: string) => (await fetch(`http://127.0.0.1:${HEALTH_PORT}${path}`)).status
    return { ...container, takesWork, statusOf }
  }

  test('holds no shell, runs as a user without rights, and is smaller than 250 MB', () => {
    expect(image.user).toBe('65532:65532')
    for (const shell of ['bin/sh', 'bin/bash', 'busybox', 'usr/bin/sh'])
      expect(existsSync(join(image.root, shell))).toBe(false)
    expect(image.bytes()).toBeLessThan(250_000_000)
    const names = readdirSync(join(image.root, 'app'))
    expect(names).toEqual(expect.arrayContaining(['LICENSES.txt', 'console', 'migrations', 'workflows.cjs']))
  })

  test('lists the packages that it holds', () => {
    const { components } = JSON.parse(readFileSync(join(image.root, 'app/sbom.cdx.json'), 'utf8'))
    const names = components.map(({ purl }: { purl: string }) => purl)
    for (const name of ['bullmq', 'pg', 'zod', '%40temporalio/core-bridge', '%40bull-board/ui'])
      expect(names).toContainEqual(expect.stringMatching(new RegExp(`^pkg:npm/${name}@\\d`)))
  })

  test('names its commands where none of them is given', async () => {
    const container = image.start(['sh'], {})
    expect(await container.ended).toBe(64)
    expect(container.output()).toContain('api, flow-worker, temporal-worker, migrate, health')
  })

  test('makes the tables of an empty database, and ends', async () => {
    const DATABASE_URL = await blankDatabase()
    for (const applied of ['0001', '"applied":[]']) {
      const container = await run('migrate', { DATABASE_URL })
      expect(await container.ended, container.output()).toBe(0)
      expect(container.output()).toContain(applied)
    }
    const db = openPool({ url: DATABASE_URL, max: 1 })
    expect(await verify(db)).toEqual([])
    await db.end()
  })

  for (const name of ['flow', 'temporal'] as const)
    test.skipIf(!canDrive(name))(
      `syncs an account that is asked for with ${name}, and ends when it is asked to`,
      async () => {
        const { driver } = await openOrchestrator(name)
        const world = await openTestWorld({ observations: fewAccounts(1), driver })
        await world.db.rows(sql`update accounts set next_sync_at = app_now() + interval '1 day'`)
        const PORT = String(await freePort())
        const env = { ...world.workerEnv, API_KEY: key, DRIVER: name, HOST: '127.0.0.1', PORT }
        const [worker, api] = [await run(`${name}-worker`, env), await run('api', env)]
        await worker.takesWork()
        await api.takesWork()
        const [handle] = world.world.accounts('youtube')
        const headers = { 'x-api-key': key, 'content-type': 'application/json' }
        const body = JSON.stringify({ platform: 'youtube', handle })
        const url = `http://127.0.0.1:${PORT}`
        expect((await fetch(`${url}/v1/syncs`, { method: 'POST', headers, body })).status).toBe(202)
        const posts = world.world.postsOf('youtube', handle ?? '').length
        await eventually(async () => (await world.db.rows(sql`select from posts`)).length === posts)
        expect((await fetch(url)).headers.get('content-type')).toContain('text/html')
        if (name === 'flow') {
          const authorization = `Basic ${Buffer.from(`anyone:${key}`).toString('base64')}`
          expect((await fetch(`${url}/flow`, { headers: { authorization } })).status).toBe(200)
        }
        expect([await worker.statusOf('/live'), await worker.statusOf('/ready')]).toEqual([200, 200])
        expect([await api.stop(), await worker.stop()]).toEqual([0, 0])
        expect(await verify(world.db)).toEqual([])
      },
    )

  test.skipIf(!canDrive('flow'))('a worker that gets SIGTERM releases its claims and ends', async () => {
    const { driver } = await openOrchestrator('flow')
    const world = await openTestWorld({ observations: fewAccounts(1), driver })
    world.simulators.youtube.plan({ path: '/youtube/v3/playlistItems', times: 50, delayMs: 20_000 })
    const worker = await run('flow-worker', world.workerEnv)
    await eventually(async () => (await world.db.rows(sql`select from raw_pages`)).length > 0)
    const begun = Date.now()
    expect(await worker.stop()).toBe(0)
    expect(Date.now() - begun).toBeLessThan(15_000)
    const rows = await world.db.rows<{ status: string }>(
      sql`select status, attempts, lease_until from sync_tasks`,
    )
    expect(rows.filter(({ status }) => status === 'extracting')).toEqual([])
    expect(await verify(world.db)).toEqual([])
  })

  test('ends at once when it is asked to before it takes work', async () => {
    const { url } = await openSilent()
    const world = await openTestWorld({ observations: fewAccounts(1) })
    const worker = await run('flow-worker', {
      ...world.workerEnv,
      DATABASE_URL: url,
      OWNER_DATABASE_URL: url,
    })
    await eventually(async () => (await worker.statusOf('/live').catch(() => 0)) === 200)
    expect(await worker.statusOf('/ready')).toBe(503)
    // As after the signal itself: what migrates and is ended is not done.
    expect(await worker.stop()).toBe(143)
  })
})
