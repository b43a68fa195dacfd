import { describe, expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { faultsOf } from '../setup/axe.ts'
import { chromiumPath, whyNoBrowser } from '../setup/browser.ts'
import { openAt, openConsolePage } from '../setup/console.ts'

describe.skipIf(!chromiumPath)(`alerts in the console (${chromiumPath ?? whyNoBrowser})`, () => {
  test('a chat is added and tested, and told when a token dies and when that is over', async () => {
    const { world, opened, page, url, faults } = await openConsolePage({ observations: [], platforms: [] })
    await openAt(page, url, 'alerts')
    await page.getByText('Nothing is wrong.').waitFor()
    await page.getByLabel('Name').fill('team')
    await page.getByLabel('Address, chat or mailbox').fill('42')
    await page.getByLabel('Access is refused').check()
    await page.getByRole('button', { name: 'Add' }).click()
    await page.getByText('About: Access is refused; Last message').waitFor()
    await page.getByRole('button', { name: 'Test' }).click()
    await page.getByText('team took the message.').waitFor()
    await world.db.rows(sql`
      insert into accounts (platform, handle, handle_norm, native_id, access_mode, next_sync_at)
      values ('tiktok', 'a.brand', 'a.brand', 'n1', 'own_oauth', app_now() + interval '20 days')`)
    await world.db.rows(sql`
      insert into credentials (platform, account_id, sealed, status, status_reason, look_at)
      values ('tiktok', 1, '\\x00', 'reauth_required', 'the owner removed the app', app_now() + interval '1 day')`)
    await opened.cloud.triggers.tick('maintain')
    await page.reload()
    await page.getByRole('link', { name: '@a.brand (TikTok): the owner removed the app' }).waitFor()
    expect(await faultsOf(page)).toEqual([])
    await world.db.rows(sql`update credentials set status = 'ok', status_reason = null`)
    await world.clock.jumpTo(new Date(world.clock.now().getTime() + 61 * 60_000))
    await opened.cloud.triggers.tick('maintain')
    await page.reload()
    await page.getByText('Nothing is wrong.').waitFor()
    await page.getByRole('region', { name: 'Over' }).getByText('Access is refused').waitFor()
    const told = world.simulators.telegram.messages.map(({ text }) => text.split('\n')[0])
    expect(told).toEqual(['This is a test', 'Alert: Access is refused', 'Over: Access is refused'])
    expect(faults).toEqual([])
  })
})
