import { request } from 'node:http'
import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { builtConsole } from '../../local/console.ts'
import { eventually } from '../setup/eventually.ts'
import { canDrive, openOrchestrator, spawnProcess } from '../setup/orchestrator.ts'
import { newFolder } from '../setup/start.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

const key = 'k'.repeat(32)
const basic = (of: string) => `Basic ${Buffer.from(`anyone:${of}`).toString('base64')}`

/** The API of a driver as a process, when it listens. */
async function openServer(env: Readonly<Record<string, string>>) {
  const server = spawnProcess('http', { ...env, API_KEY: key, HOST: '127.0.0.1', PORT: '0' })
  const portOf = () => /"port":(\d+)/.exec(server.output())?.[1]
  await eventually(async () => portOf() !== undefined)
  const url = `http://127.0.0.1:${portOf()}`
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { 'x-api-key': key, ...init.headers } })
  /** What a body is answered of which its length alone is sent. */
  const tooLarge = () =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'x-api-key': key, 'content-length': 4_000_000 }
      const asked = request(`${url}/v1/syncs`, { method: 'POST', headers }, ({ statusCode }) => {
        resolve(statusCode)
        asked.destroy()
      })
      asked.on('error', reject)
      asked.flushHeaders()
    })
  return { ask, tooLarge, stop: server.stop }
}

for (const name of ['flow', 'temporal'] as const)
  test.skipIf(!canDrive(name))(
    `API and worker of ${name}, each a process, sync an account that is asked for`,
    {
      timeout: 60_000,
    },
    async () => {
      const { driver } = await openOrchestrator(name)
      const world = await openTestWorld({ observations: fewAccounts(2), driver })
      // Nothing is due by itself.
      await world.db.rows(sql`update accounts set next_sync_at = app_now() + interval '1 day'`)
      const worker = spawnProcess(name, world.workerEnv)
      const CONSOLE_FOLDER = await builtConsole(newFolder())
      const api = await openServer({ ...world.workerEnv, DRIVER: name, CONSOLE_FOLDER })
      expect((await api.ask('/')).headers.get('content-type')).toContain('text/html')
      expect(await (await api.ask('/health')).json()).toMatchObject({ status: 'ok', faults: [] })
      expect((await api.ask('/v1/syncs', { headers: { 'x-api-key': 'wrong' } })).status).toBe(401)
      const [handle] = world.world.accounts('youtube')
      const asked = await api.ask('/v1/syncs', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ platform: 'youtube', handle }),
      })
      expect(asked.status).toBe(202)
      const { id } = (await asked.json()) as { id: string }
      const posts = world.world.postsOf('youtube', handle ?? '').length
      await eventually(async () => {
        const [row] = await world.db.rows<{ count: number }>(sql`select count(*)::int as count from posts`)
        return row?.count === posts
      })
      expect(await (await api.ask(`/v1/syncs/${id}`)).json()).toMatchObject({ id, accounts: 1 })
      expect(await api.tooLarge()).toBe(413)
      const board = async (authorization: string) =>
        (await api.ask('/flow', { headers: { authorization } })).status
      const made = await api.ask('/v1/keys', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'lesser', scopes: ['sync'] }),
      })
      const { key: lesser } = (await made.json()) as { key: string }
      const statuses = [await board(basic('wrong')), await board(basic(lesser)), await board(basic(key))]
      expect(statuses).toEqual(name === 'flow' ? [401, 401, 200] : [404, 404, 404])
      expect([await api.stop(), await worker.stop()]).toEqual([0, 0])
      expect(await verify(world.db)).toEqual([])
    },
  )

test('a worker whose settings are wrong names every fault and ends', { timeout: 60_000 }, async () => {
  const worker = spawnProcess('flow', { DATABASE_URL: 'nothing', REDIS_URL: 'http://no' })
  expect(await worker.ended).not.toBe(0)
  expect(worker.output()).toContain('invalid settings for flow-worker')
  for (const setting of ['DATABASE_URL', 'REDIS_URL']) expect(worker.output()).toContain(setting)
})
