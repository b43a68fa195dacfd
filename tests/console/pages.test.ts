import { describe, expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { faultsOf } from '../setup/axe.ts'
import { chromiumPath, whyNoBrowser } from '../setup/browser.ts'
import { goTo, openAt, openConsolePage } from '../setup/console.ts'
import { someOf } from '../setup/some-of.ts'
import { fewAccounts } from '../setup/world.ts'

const paths = [
  ...[
    '',
    'brands/1',
    'accounts',
    'accounts/1',
    'compare?ids=1,2',
    'posts',
    'posts/1',
    'mentions',
    'operations',
    'followed?state=active&sort=-followers',
    'followed/1',
    'syncs',
    'syncs/1',
    'parked',
  ],
  ...['ml', 'checks', 'alerts', 'start', 'list', 'connect', 'connect?account=1'],
]

const views = [
  { colorScheme: 'light', width: 1200 },
  { colorScheme: 'dark', width: 360 },
  { colorScheme: 'dark', width: 1200 },
] as const

describe.skipIf(!chromiumPath)(`pages of the console (${chromiumPath ?? whyNoBrowser})`, () => {
  test.for(someOf(views, 2))(
    'every page is readable by all, $colorScheme and $width pixels wide',
    async (view) => {
      const { world, opened, page, url, faults } = await openConsolePage(
        { observations: fewAccounts(2) },
        view,
      )
      world.simulators.youtube.plan({
        path: '/youtube/v3/playlistItems',
        times: 1,
        status: { status: 404, body: '<' },
      })
      await opened.runOnce()
      await openAt(page, url)
      for (const path of paths) {
        await goTo(page, path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await expect.poll(() => page.getByText('Loading…').count()).toBe(0)
        expect(await faultsOf(page), path).toEqual([])
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
        expect(overflow, `${path || 'overview'} is wider than the window`).toBeLessThanOrEqual(0)
      }
      expect(faults).toEqual([])
    },
  )

  test('everything is reached and done by the keyboard alone', async () => {
    const { page, url } = await openConsolePage({ observations: fewAccounts(1), platforms: [] })
    await openAt(page, url)
    const focused = () => page.evaluate('document.activeElement.textContent.trim()')
    const tabTo = async (name: string) => {
      for (let tries = 0; tries < 30 && (await focused()) !== name; tries += 1)
        await page.keyboard.press('Tab')
      expect(await focused()).toBe(name)
    }
    await tabTo('Operations')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    await tabTo('Follow or sync')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Follow or sync' }).waitFor()
    await expect.poll(focused).toBe('Follow or sync')
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
    await page.keyboard.press('Tab')
    await page.keyboard.type('@nobody.knows')
    await page.keyboard.press('Tab')
    await page.keyboard.type('You')
    await tabTo('Plan only')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'What it would take' }).waitFor()
  })

  test('a sync that has ended is no longer polled, an open one is', async () => {
    const { world, opened, page, url } = await openConsolePage({ observations: fewAccounts(1) })
    await opened.runOnce()
    await openAt(page, url)
    let asked = 0
    page.on('request', (request) => {
      if (request.url().endsWith('/v1/syncs/1')) asked += 1
    })
    await goTo(page, 'syncs/1')
    await page.locator('.state', { hasText: 'done' }).first().waitFor()
    await page.waitForTimeout(4_500)
    expect(asked).toBe(1)
    await world.db.rows(sql`update sync_tasks set status = 'enriching', finished_at = null where id = 1`)
    await goTo(page, '')
    await goTo(page, 'syncs/1')
    await expect.poll(() => asked, { timeout: 10_000 }).toBeGreaterThan(2)
  })

  test('an API that went away is reported in words, with a way on', async () => {
    const { page, url } = await openConsolePage({ observations: fewAccounts(1) })
    await openAt(page, url)
    await goTo(page, 'operations')
    await page.route('**/v1/**', (route) => route.abort())
    await goTo(page, 'checks')
    await page.getByText('no answer').waitFor()
    await page.unroute('**/v1/**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Every check holds.').waitFor()
  })
})
