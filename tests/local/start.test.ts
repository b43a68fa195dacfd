import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import pg from 'pg'
import { expect, inject, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { closeServer, portOf } from '../../local/simulators/server.ts'
import { blankDatabase, openTestDatabase } from '../setup/database.ts'
import { someOf } from '../setup/some-of.ts'
import { interrupt, newFolder, project, start, stateOf } from '../setup/start.ts'

const answers = async (url: string) => {
  const client = new pg.Client({ connectionString: url })
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

test('Ctrl-C leaves nothing running, and the next start goes on with the same data and key', async () => {
  const folder = newFolder()
  const first = start(folder, ['--port', '0', '--clock', 'real'])
  await first.printed('HTTP API at')
  const state = stateOf(folder)
  expect(statSync(join(folder, '.local/state.json')).mode & 0o777).toBe(0o600)
  expect(state).toMatchObject({
    pid: first.child.pid,
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
  })
  expect(await answers(state.database_url)).toBe(true)
  expect((await interrupt(first)).code).toBe(0)
  expect(await answers(state.database_url)).toBe(false)
  expect(stateOf(folder).pid).toBeNull()
  const second = start(folder, ['--port', '0', '--clock', 'real'])
  await second.printed('HTTP API at')
  expect(stateOf(folder).api_key).toBe(state.api_key)
  await interrupt(second)
})

test('after a kill the server left behind is stopped, and the next start carries on', async () => {
  const folder = newFolder()
  const first = start(folder, ['--port', '0', '--clock', 'real'])
  await first.printed('HTTP API at')
  const { database_url } = stateOf(folder)
  first.child.kill('SIGKILL')
  await first.ended
  expect(await answers(database_url)).toBe(true)
  const second = start(folder, ['--port', '0', '--clock', 'real'])
  await second.printed('HTTP API at')
  expect(await answers(database_url)).toBe(false)
  expect((await interrupt(second)).code).toBe(0)
})

test('a second start in the same folder says in one line that one is running', async () => {
  const folder = newFolder()
  const env = { DATABASE_URL: await blankDatabase() }
  const first = start(folder, ['--port', '0', '--clock', 'real'], env)
  await first.printed('HTTP API at')
  const { code, output } = await start(folder, [], env).ended
  expect(code).toBe(2)
  expect(output.trim().split('\n')).toEqual([expect.stringContaining('running already')])
  await interrupt(first)
})

const killed = [
  { name: 'a run that was killed', url: 'http://127.0.0.1:9', mtime: new Date() },
  { name: 'a start that was killed', url: null, mtime: new Date(Date.now() - 300_000) },
]

test.for(someOf(killed, 1))(
  'the folder of $name is taken over, even if another process has its number now',
  async ({ url, mtime }) => {
    const folder = newFolder()
    const state = { pid: process.pid, url, api_key: 'k'.repeat(32), database_url: null, data_folder: null }
    const path = join(folder, '.local/state.json')
    mkdirSync(join(folder, '.local'))
    writeFileSync(path, JSON.stringify(state))
    utimesSync(path, mtime, mtime)
    const env = { DATABASE_URL: await blankDatabase() }
    const running = start(folder, ['--port', '0', '--clock', 'real'], env)
    await running.printed('HTTP API at')
    expect(stateOf(folder)).toMatchObject({ pid: running.child.pid, api_key: state.api_key })
    await interrupt(running)
  },
)

test('a port that is taken is passed over for the next free one', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const folder = newFolder()
  const args = ['--port', String(portOf(taken)), '--clock', 'real']
  const running = start(folder, args, { DATABASE_URL: await blankDatabase() })
  await running.printed('HTTP API at')
  const port = Number(new URL(stateOf(folder).url).port)
  expect(port).toBeGreaterThan(portOf(taken))
  expect(port).toBeLessThan(portOf(taken) + 100)
  await interrupt(running)
  await closeServer(taken)
})

test.runIf(process.getuid?.() === 0 && inject('isFull'))(
  'root can use a folder that only root can enter, and what an earlier initdb left half made is removed',
  async () => {
    const home = newFolder(0o700)
    const folder = join(home, 'checkout')
    mkdirSync(folder)
    const first = start(folder, ['--port', '0', '--clock', 'real'])
    await first.printed('HTTP API at')
    const { data_folder } = stateOf(folder)
    expect(data_folder.startsWith(home)).toBe(false)
    expect((await interrupt(first)).code).toBe(0)
    rmSync(data_folder, { recursive: true })
    mkdirSync(`${data_folder}.12345`)
    const second = start(folder, ['--port', '0', '--clock', 'real'])
    await second.printed('HTTP API at')
    expect(existsSync(`${data_folder}.12345`)).toBe(false)
    await interrupt(second)
    rmSync(join(data_folder, '..'), { recursive: true })
  },
)

test('a server that is not there is one line and exit 2', async () => {
  const ended = await start(newFolder(), ['--once'], {
    DATABASE_URL: 'postgres://nobody@127.0.0.1:9/nothing',
  }).ended
  expect(ended.code).toBe(2)
  expect(ended.output).toContain('the database cannot be used: connect ECONNREFUSED')
})

test('a database that is not empty and not ours is refused in one line and left untouched', async () => {
  const { db, url } = await openTestDatabase()
  const serverUrl = inject('serverUrl')
  expect(url).not.toBe(serverUrl)
  await db.rows(sql`drop table local_cloud cascade`)
  const { code, output } = await start(newFolder(), ['--once', '--fresh', '--json'], { DATABASE_URL: url })
    .ended
  expect(code).toBe(2)
  expect(output).toContain('was not made by the local cloud')
  expect(
    JSON.parse(
      output
        .trim()
        .split('\n')
        .find((line) => line.startsWith('{')) ?? '',
    ),
  ).toMatchObject({ accounts: 0, error: expect.stringContaining('not empty') })
  expect(await db.rows(sql`select count(*)::int as count from accounts`)).toEqual([{ count: 0 }])
})

const wrong = [
  { name: 'an unknown option', args: ['--nonsense'], says: '--nonsense' },
  {
    name: 'two faults',
    args: ['--clock', 'fast', '--port', '99999'],
    says: '--clock: give a number from 1, or real; --port',
  },
  {
    name: 'a platform not served',
    args: ['--platform', 'myspace'],
    says: 'give one of youtube, instagram, tiktok',
  },
]

test.for(someOf(wrong, 2))('$name is one line and exit 2', async ({ args, says }) => {
  const { code, output } = await start(newFolder(), args).ended
  expect(code).toBe(2)
  expect(output).toContain(says)
  expect(output.trim().split('\n')).toHaveLength(1)
})

test('a folder without a dataset is one line and exit 2', async () => {
  const { code, output } = await start(newFolder(), ['--once', '--dataset', 'nowhere']).ended
  expect(code).toBe(2)
  expect(output).toContain('there is no youtube.jsonl.gz in nowhere')
})

test('an old Node ends in one line that says what is needed and what brings it', async () => {
  const code = `Object.defineProperty(process.versions, 'node', { value: '20.20.2' }); require(${JSON.stringify(join(project, 'local/check-node.cjs'))})`
  const child = spawn(process.execPath, ['-e', code])
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => (output += chunk))
  expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(1)
  expect(output.trim().split('\n')).toHaveLength(1)
  expect(output).toContain('This is Node 20.20.2; 22.18 or later is needed')
})
