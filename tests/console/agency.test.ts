import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import type { Observation } from '../../local/world/world.ts'
import { faultsOf } from '../setup/axe.ts'
import { chromiumPath, whyNoBrowser } from '../setup/browser.ts'
import { goTo, openAt, openConsolePage } from '../setup/console.ts'
import { idOf, people } from '../setup/instagram.ts'

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

const tom: Observation = {
  ...{ platform: 'tiktok', at: '2026-01-01T00:00:00.000Z', account: 'tom', kind: 'profile', id: 'open-tom' },
  resource: { open_id: 'open-tom', username: 'tom', follower_count: 10, video_count: 0 },
}

const open = () =>
  openConsolePage({
    observations: [...people([{ username: 'a.brand', posts: 3 }]), tom],
    platforms: [],
    env: { AGENCY_NAME: 'Good Agency' },
  })

/** Makes a link in the console; its address. */
async function makeLink(page: Page, platform: string): Promise<string> {
  await page.getByLabel('Platform').first().selectOption({ label: platform })
  await page.getByLabel('Client').first().fill('Zerno')
  await expect.poll(() => page.locator('.link-made').count()).toBe(0)
  await button(page, 'Make a link').click()
  return (await page.locator('.link-made').textContent()) ?? ''
}

/** What an owner does with a link, in a browser of their own. */
async function connectAsOwner(page: Page, link: string, owner: string): Promise<Page> {
  const window = await page.context().newPage()
  await window.goto(link)
  await window.getByText('Good Agency asks to read your account').waitFor()
  expect(await faultsOf(window)).toEqual([])
  await window.getByRole('button', { name: /^Continue to/ }).click()
  await window.getByLabel('Signed in as').selectOption(owner)
  await button(window, 'Allow').click()
  return window
}

describe.skipIf(!chromiumPath)(`an agency with its clients (${chromiumPath ?? whyNoBrowser})`, () => {
  test('owners connect by links, an account that lost its consent is connected again, and how it went is seen', async () => {
    const { world, opened, page, url, faults } = await open()
    await openAt(page, url, 'connect')
    for (const [platform, owner, handle] of [
      ['Instagram', idOf('a.brand'), '@a.brand'],
      ['TikTok', 'open-tom', '@tom'],
    ] as const) {
      const shown = await connectAsOwner(page, await makeLink(page, platform), owner)
      await shown.getByRole('heading', { name: `${handle} is connected` }).waitFor()
      expect(await faultsOf(shown)).toEqual([])
      expect(shown.url()).toContain('/v1/connect/')
      await shown.close()
    }
    await expect
      .poll(() => page.locator('.state', { hasText: /^connected$/ }).count(), { timeout: 10_000 })
      .toBe(2)
    await opened.cloud.triggers.tick('extract-instagram')
    await opened.followThrough()
    await world.db.rows(
      sql`update accounts set status = 'reauth_required', status_reason = 'refused' where id = 1`,
    )
    await world.db.rows(sql`update credentials set status = 'reauth_required' where account_id = 1`)
    await goTo(page, 'operations')
    await page.getByRole('heading', { name: 'Consents that end' }).waitFor()
    await goTo(page, 'followed/1')
    await page.getByRole('link', { name: 'Reconnect' }).click()
    await page.getByRole('heading', { name: 'Reconnect', exact: true }).waitFor()
    await button(page, 'Make a link').click()
    const link = (await page.locator('.link-made').textContent()) ?? ''
    const again = await connectAsOwner(page, link, idOf('a.brand'))
    await again.getByRole('heading', { name: '@a.brand is connected' }).waitFor()
    expect(await world.db.rows(sql`select status from accounts order by id`)).toEqual([
      { status: 'active' },
      { status: 'active' },
    ])
    expect(faults).toEqual([])
  })

  test('a list of 300 accounts of 12 clients is pasted, one is found by a part of its name, unfollowed and followed again', async () => {
    const { world, page, url, faults } = await open()
    await openAt(page, url, 'list')
    const lines = Array.from({ length: 299 }, (_, number) => {
      const tags = number % 10 === 0 ? 'sale' : ''
      return `https://www.instagram.com/shop.number${number}/,Client ${number % 12},${tags}`
    })
    const csv = ['handle,client,tags', ...lines, 'https://www.instagram.com/p/Cxyz/,Client 1,'].join('\n')
    await page.getByLabel('Accounts', { exact: true }).fill(csv)
    await button(page, 'Follow').click()
    await page.getByText('299 followed, 0 known, 1 refused').waitFor()
    await page.getByText('this is a post: open it, and give the address of the account').waitFor()
    expect(await page.locator('tbody tr').count()).toBe(300)
    await page.getByRole('link', { name: 'To the accounts' }).click()
    await page.getByLabel('Search').fill('NUMBER217')
    await page.getByRole('link', { name: '@shop.number217' }).waitFor()
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1)
    expect(page.url()).toContain('q=NUMBER217')
    const download = page.waitForEvent('download')
    await button(page, 'CSV').click()
    expect((await download).suggestedFilename()).toBe('accounts.csv')
    await page.getByRole('link', { name: '@shop.number217' }).click()
    await button(page, 'Unfollow').click()
    await button(page, 'Follow again').click()
    await button(page, 'Sync now').waitFor()
    await goTo(page, 'followed?client=Client+3&sort=handle')
    await expect.poll(() => page.locator('tbody tr').count()).toBe(25)
    await page.getByLabel('Choose all shown').check()
    await button(page, 'Unfollow 25 accounts').click()
    await page.getByText('Unfollowed: 25. Their rows stay.').waitFor()
    await page.getByText('No accounts here.').waitFor()
    expect(
      await world.db.rows(sql`select status, count(*)::int as count from accounts group by 1 order by 1`),
    ).toEqual([
      { status: 'active', count: 274 },
      { status: 'unfollowed', count: 25 },
    ])
    expect(faults).toEqual([])
  })

  test('a client sees its own accounts alone with the key it is given', async () => {
    const { call, page, url } = await open()
    const accounts = ['ours', 'theirs'].map((client) => ({
      platform: 'instagram',
      handle: `${client}.shop`,
      client,
    }))
    await call('POST', '/v1/accounts/batch', { accounts })
    const { body } = await call('POST', '/v1/keys', { name: 'ours', scopes: ['sync'], clients: ['ours'] })
    await page.goto(`${url}/#key=${body.key}`)
    await page.getByRole('heading', { level: 1, name: 'Brands' }).waitFor()
    await goTo(page, 'followed')
    await page.getByRole('link', { name: '@ours.shop' }).waitFor()
    expect(await page.getByText('theirs').count()).toBe(0)
    await goTo(page, 'followed/2')
    await page.getByText('there is no such account').first().waitFor()
  })
})
