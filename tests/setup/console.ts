import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { builtConsole } from '../../local/console.ts'
import { drawLink } from '../../local/simulators/pictures/draw.ts'
import { openApi } from './api.ts'
import { openBrowser } from './browser.ts'
import type { TestWorldOptions } from './world.ts'

/** The console of a world in a real browser. `faults` collects what the page complained of, its policy included. */
export async function openConsolePage(
  options: TestWorldOptions,
  view: {
    readonly colorScheme?: 'light' | 'dark'
    readonly width?: number
    readonly locale?: string
  } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-console-'))
  const CONSOLE_FOLDER = await builtConsole(folder)
  const api = await openApi({ ...options, env: { ...options.env, CONSOLE_FOLDER } })
  const browser = await openBrowser()
  const context = await browser.newContext({
    colorScheme: view.colorScheme ?? 'light',
    viewport: { width: view.width ?? 1200, height: 900 },
    timezoneId: 'UTC',
    locale: view.locale ?? 'en-US',
  })
  onTestFinished(async () => {
    await context.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  page.on('request', (request) => {
    const isPicture = request.resourceType() === 'image'
    if (!request.url().startsWith(api.url) && !isPicture) faults.push(`asked elsewhere: ${request.url()}`)
  })
  // What the platforms' hosts of pictures have.
  await page.route(
    (address) => !address.href.startsWith(api.url),
    (route) => route.fulfill({ contentType: 'image/jpeg', body: drawLink(route.request().url()) }),
  )
  return { ...api, page, faults }
}

/** Opens a page of the console with its key. */
export async function openAt(page: Page, url: string, path = ''): Promise<void> {
  await page.goto(`${url}/#key=${'k'.repeat(32)}`)
  await page.getByRole('heading', { level: 1, name: 'Brands' }).waitFor()
  if (path !== '') await goTo(page, path)
}

/** As a link within the console does. */
export const goTo = (page: Page, path: string): Promise<unknown> =>
  page.evaluate(`location.hash = ${JSON.stringify(`#/${path}`)}`)
