import { execFile, execFileSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { write } from '#shared/alerts/compose.ts'
import { tellWebhook } from '#shared/alerts/webhook.ts'
import { openApi } from '../setup/api.ts'
import { openReceiver } from '../setup/receivers.ts'
import { fewAccounts } from '../setup/world.ts'

const run = promisify(execFile)
const text = readFileSync(join(import.meta.dirname, '../../docs/clients.md'), 'utf8')
/** The program that the page shows in a language, by the words behind the name of that. */
const programIn = (language: string, what = '') =>
  new RegExp(`\`\`\`${language}${what && ` ${what}`}\n([^]*?)\`\`\``).exec(text)?.[1] ?? ''

const isThere = (command: string) => {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.for([
  { language: 'ruby', name: 'Ruby', command: 'ruby', file: 'client.rb' },
  { language: 'python', name: 'Python', command: 'python3', file: 'client.py' },
  { language: 'typescript', name: 'TypeScript', command: process.execPath, file: 'client.ts' },
])('$name', ({ language, name, command, file }) => {
  test.skipIf(!isThere(command))(
    `its program in docs/clients.md follows, syncs, waits and pages (needs ${language}: install it, such as apt-get install ruby)`,
    async () => {
      const { world, opened, url } = await openApi({ observations: fewAccounts(2), platforms: [] })
      const folder = mkdtempSync(join(tmpdir(), 'social-sync-client-'))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      const path = join(folder, file)
      writeFileSync(path, programIn(language))
      const channels = world.world.accounts('youtube')
      const env = { ...process.env, SOCIAL_SYNC_URL: url, SOCIAL_SYNC_API_KEY: 'k'.repeat(32) }
      const args = [path, ...channels.map((id) => `youtube:${id}`), 'https://youtu.be/dQw4w9WgXcQ']
      const running = run(command, args, { env })
      // The sync waits for its ML jobs, which takes days that pass here.
      let isOver = false
      const ended = running.finally(() => (isOver = true))
      while (!isOver) {
        await new Promise((resolve) => setTimeout(resolve, 300))
        await opened.followThrough()
      }
      const { stdout } = await ended
      const printed = stdout.trim().split('\n')
      expect(printed.slice(0, 3)).toEqual([
        `youtube:${channels[0]}: followed`,
        `youtube:${channels[1]}: followed`,
        'https://youtu.be/dQw4w9WgXcQ: refused the line does not name an account',
      ])
      expect(printed[3]).toMatch(/^sync \d+: (done|incomplete), [1-9]\d* records$/)
      const handles = printed.slice(4, -1).map((line) => line.split(' ')[1] ?? '')
      expect(handles).toHaveLength(2)
      expect(handles).toEqual(handles.toSorted())
      expect(printed.at(-1)).toBe('urn:social-sync:problem:invalid_body: platform')
      expect(name).toBeDefined()
    },
  )

  test.skipIf(!isThere(command))(
    `its program in docs/clients.md takes a webhook that we signed, and no other (needs ${language})`,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'social-sync-webhook-'))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      const path = join(folder, file)
      writeFileSync(path, programIn(language, 'webhook'))
      const secret = `whsec_${randomBytes(24).toString('base64')}`
      const receiver = await openReceiver()
      const at = new Date()
      const telling = { key: randomUUID(), at, cause: 'test', fired: [], over: [], url: undefined } as const
      await tellWebhook(fetch, { target: receiver.url, secret }, telling, write(telling, 'ru'), at)
      const [{ headers, body } = { headers: {}, body: '' }] = receiver.received
      const verify = (given: object) =>
        run(command, [path], {
          env: { ...process.env, SECRET: secret, HEADERS: JSON.stringify(headers), BODY: body, ...given },
        })
      expect((await verify({})).stdout.trim()).toBe('alerts.test')
      await expect(verify({ BODY: `${body} ` })).rejects.toThrow('not signed by us')
      const old = { ...headers, 'webhook-timestamp': '1700000000' }
      await expect(verify({ HEADERS: JSON.stringify(old) })).rejects.toThrow('too old')
    },
  )
})
