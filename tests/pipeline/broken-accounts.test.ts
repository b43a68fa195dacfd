import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { switchFaults } from '../../local/switch-faults.ts'
import { openApi } from '../setup/api.ts'
import { fewAccounts } from '../setup/world.ts'

async function open() {
  const api = await openApi({ observations: fewAccounts(1) })
  const { world, opened, call } = api
  await world.db.rows(sql`update accounts set sync_every = interval '1 hour'`)
  const account = async () => {
    const [row] = await world.db.rows<{ status: string; failures: number; wait: number }>(sql`
      select status, failures, round(extract(epoch from next_sync_at - (
        select max(walk_ended_at) from sync_tasks)) / 3600)::int as wait from accounts`)
    return row
  }
  /** A sync by the schedule, to its end. */
  const syncByTimer = async () => {
    await world.db.rows(sql`update accounts set next_sync_at = app_now()`)
    await opened.cloud.triggers.tick('extract-youtube')
    await opened.runOnce()
  }
  return { ...api, call, account, syncByTimer }
}

test('an account that does not exist fails its sync, with the reason in words', async () => {
  const { opened, call } = await open()
  await call('POST', '/v1/syncs', { platform: 'youtube', handle: '@nobody.at.all' })
  await opened.runOnce()
  expect((await call('GET', '/v1/syncs/1')).body).toMatchObject({
    state: 'failed',
    tasks: [{ status: 'failed', problems: ['the platform does not find this account'] }],
  })
  expect((await call('GET', '/v1/accounts?state=missing')).body).toMatchObject({
    items: [{ handle: 'nobody.at.all', last_sync: 'failed' }],
  })
})

test('an account that breaks again and again is synced ever more rarely, up to once a day, until it is read', async () => {
  const { world, account, syncByTimer } = await open()
  const addresses = { youtube: world.simulators.youtube.url }
  await switchFaults(['youtube:proxy'], addresses)
  const waits: (number | undefined)[] = []
  for (let turn = 0; turn < 6; turn += 1) {
    await syncByTimer()
    waits.push((await account())?.wait)
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 24])
  expect(await account()).toMatchObject({ failures: 6, wait: 24 })
  await switchFaults(['none'], addresses)
  await syncByTimer()
  expect(await account()).toMatchObject({ failures: 0, wait: 1 })
  expect(await verify(world.db)).toEqual([])
})

test('pages that are parked again for the same cause say so', async () => {
  const { world, opened, call } = await open()
  await switchFaults(['youtube:proxy'], { youtube: world.simulators.youtube.url })
  await call('POST', '/v1/syncs', { account_id: '1' })
  await opened.runOnce()
  const causes = async () => (await call('GET', '/v1/parked/causes')).body
  expect(await causes()).toMatchObject({ items: [{ count: 1, again: 0 }] })
  await switchFaults(['none'], { youtube: world.simulators.youtube.url })
  expect((await call('POST', '/v1/parked/redrive', {})).body).toMatchObject({ redriven: 1 })
  await opened.runOnce()
  expect(await causes()).toMatchObject({ items: [{ count: 1, again: 1 }] })
})
