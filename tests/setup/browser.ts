import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { afterAll } from 'vitest'

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Chromium of this machine; undefined: there is none. `CHROMIUM` names another one. */
export const chromiumPath = [process.env['CHROMIUM'] ?? '', ...usual].find((path) => path && existsSync(path))

export const whyNoBrowser =
  'needs Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM to its path'

let opened: Promise<Browser> | undefined

/** One browser for the tests of a file, each with a context of its own. */
export function openBrowser(): Promise<Browser> {
  opened ??= chromium.launch({
    executablePath: chromiumPath ?? '',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })
  return opened
}

afterAll(async () => {
  await (await opened)?.close()
  opened = undefined
})
