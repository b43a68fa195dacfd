import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { countDays } from '#shared/db/operations/count-days.ts'
import { raw, sql } from '#shared/db/sql.ts'
import { noteFault } from '#shared/db/tables/app-faults.ts'
import { appRemedy } from '#shared/platforms/youtube/errors.ts'
import { questions } from '../../bench/questions.ts'
import { generateReportWorld } from '../../bench/report-world.ts'
import { faultsOf } from '../setup/axe.ts'
import { chromiumPath, whyNoBrowser } from '../setup/browser.ts'
import { goTo, openAt, openConsolePage } from '../setup/console.ts'
import { unstopped } from '../setup/signal.ts'

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** A console over sixty accounts of six brands, with a week of history. */
async function open(view: Parameters<typeof openConsolePage>[1] = {}) {
  const opened = await openConsolePage({ observations: [], platforms: [] }, view)
  const { db } = opened.world
  await generateReportWorld(db, { posts: 1_200, postsPerAccount: 20, days: 7 }, () => undefined)
  await countDays(db, 'UTC', unstopped)
  await db.rows(sql`
    update post_media m set url = 'https://i.ytimg.com/vi/p' || m.post_id || '/hqdefault.jpg' where m.post_id % 5 > 0`)
  return opened
}

describe.skipIf(!chromiumPath)(`numbers for people (${chromiumPath ?? whyNoBrowser})`, () => {
  test('a newcomer finds the best posts of a brand last month and who mentions it, compares five accounts, and has the same figures by SQL', async () => {
    const { world, page, url, faults } = await open()
    await openAt(page, url)
    await page.getByRole('link', { name: 'Aurora Runners' }).click()
    await page.getByRole('heading', { level: 1, name: 'Aurora Runners' }).waitFor()
    await page.getByRole('img', { name: /^Followers\. Followers by day: 7 days/ }).waitFor()

    const [month] = await world.db.rows<{ first: string; last: string }>(sql`
      select (date_trunc('month', report.today()) - interval '1 month')::date::text as first, (date_trunc('month', report.today()) - interval '1 day')::date::text as last`)
    await page.getByLabel('Range').selectOption({ label: 'from … to …' })
    await page.getByLabel('From', { exact: true }).fill(month?.first ?? '')
    await page.getByLabel('To', { exact: true }).fill(month?.last ?? '')
    const question = questions.find(({ title }) => title.startsWith('Which posts of a brand did best'))
    const best = await world.db.rows<{ title: string }>(raw(question?.text ?? ''))
    expect(best).toHaveLength(5)
    const shown = page.getByRole('region', { name: 'Best posts' }).locator('li a.line')
    await expect.poll(() => shown.allTextContents()).toEqual(best.map(({ title }) => title))
    // The pictures are there, or a neutral one.
    await expect
      .poll(() => page.evaluate('[...document.images].every((one) => !one.complete || one.naturalWidth > 0)'))
      .toBe(true)

    await page.getByLabel('Range').selectOption({ label: '90 days' })
    const mentions = page.getByRole('region', { name: 'Who mentions it' })
    await mentions.getByText('as a logo in a picture').first().waitFor()
    await mentions.getByText('Name').first().waitFor()

    await page.getByRole('link', { name: 'Accounts', exact: true }).click()
    for (const handle of ['account60', 'account59', 'account58', 'account57', 'account56'])
      await page.getByLabel(`Choose @${handle}`).check()
    expect(await page.getByLabel('Choose @account55').isDisabled()).toBe(true)
    await page.getByRole('link', { name: 'Compare (5)' }).click()
    await page.getByRole('heading', { level: 1, name: 'Comparison' }).waitFor()
    await expect.poll(() => page.locator('.legend').first().locator('li').count()).toBe(5)
    const download = page.waitForEvent('download')
    await button(page, 'CSV').click()
    const csv = await readFile(await (await download).path(), 'utf8')
    const gained = await world.db.rows<{ account: string; gained: string }>(sql`
      select account, sum(followers_gained) as gained from report.account_daily where account_id > 55 group by 1 order by 1 desc`)
    const lines = csv
      .split('\r\n')
      .slice(1, 6)
      .map((line) => line.split(','))
    expect(lines.map((cells) => [cells[2], cells[8]])).toEqual(
      gained.map(({ account, gained }) => [account, gained]),
    )
    expect(faults).toEqual([])
  })

  test('it speaks Russian, by the browser or as chosen, and nothing is left in English', async () => {
    const { world, page, url } = await open({ locale: 'ru-RU', width: 390, colorScheme: 'dark' })
    await world.db.rows(
      sql`update accounts set status = 'paused', status_reason = 'paused by hand' where id = 1`,
    )
    await world.db.rows(sql`
      update sync_tasks set status = 'failed', last_error = 'given up after 5 attempts: no answer from 127.0.0.1' where account_id = 1`)
    await noteFault(world.db, {
      ...{ platform: 'youtube', access_mode: 'public_key', code: 'app', remedy: appRemedy },
      message: 'accounts are refused alike: YouTube refuses the app: accessNotConfigured',
    })
    await page.goto(`${url}/#key=${'k'.repeat(32)}`)
    await page.getByRole('heading', { level: 1, name: 'Бренды' }).waitFor()
    for (const path of [
      '',
      'brands/1',
      'accounts',
      'accounts/1',
      'compare?ids=1,2,3',
      'posts',
      'posts/1',
      'mentions?brand=Brand%202',
      'operations',
      'followed',
      'followed/1',
      'syncs',
      'parked',
      'ml',
      'checks',
      'alerts',
      'start',
      'list',
      'connect',
    ]) {
      await goTo(page, path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await expect.poll(() => page.getByText('Загрузка…').count()).toBe(0)
      expect(await faultsOf(page), path).toEqual([])
      expect(
        await page.evaluate('document.documentElement.scrollWidth - innerWidth'),
        path,
      ).toBeLessThanOrEqual(0)
      const said = (await page.evaluate('document.body.innerText')) as string
      expect(said.match(englishWords) ?? [], path).toEqual([])
    }
    await page.getByLabel('Язык').selectOption('English')
    await page.getByRole('heading', { level: 1, name: 'Connect' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Connect' }).waitFor()
    expect(await page.evaluate('document.documentElement.lang')).toBe('en')
  })
})

/** Words of every sentence that is left in English; names and what platforms say are none of these. */
const englishWords = /\b(?:the|of|and|is|not|no|by|with|from|until|since|read|what|more|than)\b/gi
