import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { switchFaults } from '../../local/switch-faults.ts'
import { chromiumPath, whyNoBrowser } from '../setup/browser.ts'
import { goTo, openAt, openConsolePage } from '../setup/console.ts'
import { fewAccounts } from '../setup/world.ts'

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const state = (page: Page, text: string) =>
  page.locator('.state', { hasText: new RegExp(`^${text}$`) }).first()

describe.skipIf(!chromiumPath)(`the console in a browser (${chromiumPath ?? whyNoBrowser})`, () => {
  test('a newcomer follows an account, watches its sync to the end, sees what broke and why, redrives it, and reads its history', async () => {
    const { world, opened, page, url, faults } = await openConsolePage({
      observations: fewAccounts(2),
      platforms: [],
      env: { ML_URL: undefined },
    })
    const addresses = { youtube: world.simulators.youtube.url }
    const [native] = world.world.accounts('youtube')
    await openAt(page, url)
    expect(page.url()).not.toContain('key')
    await page.getByText('No brand has an account here yet').waitFor()

    await page.getByRole('link', { name: 'Follow an account' }).click()
    await page
      .getByLabel('Handle, or the address of its page')
      .fill(`https://www.youtube.com/channel/${native}`)
    await button(page, 'Plan only').click()
    await page.getByText('The number of its posts is not known yet').waitFor()
    await button(page, 'Follow').click()
    await page.getByRole('heading', { name: native ?? '' }).waitFor()

    await switchFaults(['youtube:proxy'], addresses)
    await button(page, 'Sync now').click()
    await page.getByRole('heading', { name: /^Sync \d+$/ }).waitFor()
    await opened.followThrough()
    await state(page, 'incomplete').waitFor()
    await page.getByRole('link', { name: 'See what is parked' }).click()
    await page.getByRole('heading', { name: 'YouTube, lists of posts: unreadable' }).waitFor()
    await page.getByText(/^Page \d+ as it came$/).click()
    await page.getByText(/^<html>/).waitFor()
    await button(page, 'What would it read again?').click()
    await page.getByText('1 page would be read again.').waitFor()
    // The rules of now know it as little as before: it is parked again, with the same cause.
    await switchFaults(['none'], addresses)
    await button(page, 'Read again').click()
    await page.getByText('1 of 1 page will be read again.').waitFor()
    await opened.followThrough()
    await page.getByRole('heading', { name: 'YouTube, lists of posts: unreadable' }).waitFor()

    await button(page, 'Sync its accounts again, 100 at most').click()
    await page.getByRole('heading', { name: /^Sync \d+$/ }).waitFor()
    expect(await page.title()).toMatch(/^Sync \d+ - social-sync$/)
    await opened.followThrough()
    await state(page, 'done').waitFor()
    await page.getByRole('link', { name: /^YouTube @/ }).click()
    const followers = page.getByRole('img', { name: /^Followers: \d+ points?, the last [\d,]+$/ })
    await followers.waitFor()
    expect(await followers.locator('canvas').count()).toBe(1)
    await page
      .getByText(/points? as a table$/)
      .first()
      .click()
    await page.locator('details[open] tr').first().waitFor()
    await page.locator('.u-over').first().hover()
    await page.locator('figcaption time').first().waitFor()
    expect(await page.locator('ol.timeline > li').count()).toBe(2)

    await page.getByRole('link', { name: 'Parked', exact: true }).click()
    page.once('dialog', (dialog) => dialog.accept())
    await button(page, 'Drop').click()
    await page.getByText('1 of 1 page dropped.').waitFor()
    await page.getByText('Nothing is parked.').first().waitFor()
    await page.goBack()

    await page.locator('td[data-label=Post] a').first().click()
    await page.getByText('Where this comes from').click()
    await page.getByText(/what it says, its numbers/).waitFor()
    await page.getByRole('link', { name: 'Operations' }).click()
    await page.getByRole('link', { name: 'Checks' }).click()
    await page.getByText('Every check holds.').waitFor()
    expect(faults).toEqual([])
  })

  test('ML jobs that broke are seen with their cause, have another attempt, and their posts the result', async () => {
    const { world, opened, page, url, faults } = await openConsolePage({ observations: fewAccounts(1) })
    const addresses = { ml: world.simulators.ml.url }
    await switchFaults(['ml:garbage'], addresses)
    await opened.runOnce()
    await switchFaults(['none'], addresses)
    await openAt(page, url, 'parked')
    await page
      .getByText(/^texts by text-v1: the answer has no known shape$/)
      .first()
      .waitFor()
    await page
      .getByText(/^Job \d+ says$/)
      .first()
      .click()
    await page.getByText('perhaps').first().waitFor()
    page.once('dialog', (dialog) => dialog.accept())
    await button(page, 'Another attempt for all').click()
    await page.getByText(/^Given a further attempt: \d+ jobs?\.$/).waitFor()
    await opened.followThrough()
    await goTo(page, 'syncs/1')
    await state(page, 'done').waitFor()
    await goTo(page, 'posts/1')
    await page.getByText('Sentiment', { exact: true }).waitFor()
    await page.getByText('Answers of the models, as they came').click()
    await page.getByText('sentiment', { exact: true }).waitFor()
    expect(faults).toEqual([])
  })

  test('deletions that are held are confirmed, and fields in a strange form are shown', async () => {
    const { world, opened, page, url, faults } = await openConsolePage({ observations: fewAccounts(1) })
    const likes = (body: unknown) => JSON.stringify(body).replace(/"likeCount":"\d+"/, '"likeCount":"-1"')
    world.simulators.youtube.plan({ path: '/youtube/v3/videos', times: 1, edit: likes })
    await opened.runOnce()
    await world.db.rows(sql`
      update posts set status = 'missing', miss_count = 2, missing_since = app_now(), held_at = app_now() where id < 4`)
    await openAt(page, url, 'operations')
    await page.getByText(/3 deletions held/).waitFor()
    await goTo(page, 'parked')
    await page.getByText(/YouTube, statistics\.likeCount: 1, the newest/).waitFor()
    await page.getByText(/: 3 posts, since/).waitFor()
    page.once('dialog', (dialog) => dialog.accept())
    await button(page, 'Confirm').click()
    await page.getByText('3 posts marked as deleted.').waitFor()
    await page.getByText('No deletion is held.').waitFor()
    expect(await world.db.rows(sql`select id from posts where status = 'deleted'`)).toHaveLength(3)
    expect(faults).toEqual([])
  })

  test('a wrong key is refused in words and not kept, a right one opens, and the tab forgets it on request', async () => {
    const { page, url } = await openConsolePage({ observations: fewAccounts(1) })
    await page.goto(url)
    await page.getByLabel('API key').fill('x'.repeat(32))
    await button(page, 'Open').click()
    await page.getByRole('alert').getByText('send a valid key').waitFor()
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
    await page.getByLabel('API key').fill('k'.repeat(32))
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Brands' }).waitFor()
    // Handed over once more in the tab that has one: it is taken out of the address again.
    await page.evaluate(`location.hash = '#key=${'k'.repeat(32)}'`)
    await page.waitForURL((address) => !address.hash.includes('key'))
    await page.getByRole('heading', { level: 1, name: 'Brands' }).waitFor()
    await button(page, 'Forget the key').click()
    await page.getByLabel('API key').waitFor()
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
  })

  test('what a platform sends is text and never markup, and an account that cannot be read is refused with the field', async () => {
    const { world, opened, page, url, faults } = await openConsolePage({ observations: fewAccounts(1) })
    await opened.runOnce()
    await world.db.rows(sql`
      update posts set title = '<img src=x onerror=alert(1)><script>alert(2)</script>', body = '<b>bold</b>', permalink = 'javascript:alert(3)'`)
    await openAt(page, url, 'posts/1')
    await page.getByRole('heading', { name: '<img src=x onerror=alert(1)>' }).waitFor()
    expect(await page.locator('main img[src="x"], main b, main script, a[href^="javascript:"]').count()).toBe(
      0,
    )
    expect(faults).toEqual([])
    await goTo(page, 'start')
    await page.getByLabel('Handle, or the address of its page').fill('@tom')
    await page.getByLabel('Platform').selectOption('tiktok')
    await button(page, 'Sync now').click()
    await page
      .getByRole('alert')
      .getByText(/^platform: /)
      .waitFor()
  })
})
