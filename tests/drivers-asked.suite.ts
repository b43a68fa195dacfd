import { setTimeout as after } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import type { DriverName } from '../local/drivers/open.ts'
import { openApi } from './setup/api.ts'
import { isAnyWaiting, statesOf } from './setup/driven.ts'
import { canDrive, openOrchestrator } from './setup/orchestrator.ts'
import { fewAccounts } from './setup/world.ts'

/** What every driver does when a person asks for something over HTTP. */
export function askedSuite(name: DriverName): void {
  describe.skipIf(!canDrive(name))(`asked over HTTP, driven by ${name}`, { timeout: 120_000 }, () => {
    test('a sync that is asked for over HTTP begins at once, and one that is cancelled ends everywhere', async () => {
      const server = await openOrchestrator(name)
      const observations = fewAccounts(1)
      const { world, opened, call } = await openApi({ observations, driver: server.driver })
      const [handle] = world.world.accounts('youtube')
      const { body } = await call('POST', '/v1/syncs', { platform: 'youtube', handle })
      await opened.followThrough()
      expect(await statesOf(world.db)).toEqual([{ status: 'done', count: 1 }])

      world.simulators.youtube.plan({
        path: '/youtube/v3/channels',
        times: 50,
        status: { status: 503, body: '' },
      })
      const { body: second } = await call('POST', '/v1/syncs', { platform: 'youtube', handle, mode: 'full' })
      while (!(await isAnyWaiting(world.db))) await after(5)
      expect((await call('POST', `/v1/syncs/${second.id}/cancel`)).body).toEqual({ cancelled: 1, shared: 0 })
      await opened.followThrough()
      expect(await statesOf(world.db)).toEqual([
        { status: 'cancelled', count: 1 },
        { status: 'done', count: 1 },
      ])
      expect(body.id).not.toBe(second.id)
      expect(await verify(world.db)).toEqual([])
    })

    test('a sync that is asked for while the orchestrator is away is accepted, and begins when it is back', async () => {
      const server = await openOrchestrator(name)
      const { world, opened, call } = await openApi({ observations: fewAccounts(1), driver: server.driver })
      const [handle] = world.world.accounts('youtube')
      await server.lose(async () => {
        const { status } = await call('POST', '/v1/syncs', { platform: 'youtube', handle })
        expect(status).toBe(202)
      })
      await opened.followThrough()
      expect(await statesOf(world.db)).toEqual([{ status: 'done', count: 1 }])
      expect(await verify(world.db)).toEqual([])
    })

    test('pages that were parked become rows when a person has them processed again', async () => {
      const server = await openOrchestrator(name)
      const { world, opened, call } = await openApi({ observations: fewAccounts(2), driver: server.driver })
      const page = { status: 404, body: '<html>a proxy</html>' }
      world.simulators.youtube.plan({ path: '/youtube/v3/playlistItems', times: 100, status: page })
      await opened.runOnce()
      world.simulators.youtube.clearFaults()
      await world.db.rows(sql`
        update raw_bodies set body = '{"kind": "youtube#playlistItemListResponse", "items": []}'
        where raw_page_id in (select id from raw_pages where status = 'parked')`)
      const { body } = await call('POST', '/v1/parked/redrive', { platform: 'youtube' })
      expect(body).toMatchObject({ redriven: 2 })
      await opened.followThrough()
      expect(await statesOf(world.db)).toEqual([{ status: 'done', count: 2 }])
      expect((await call('GET', '/v1/parked')).body).toEqual({ items: [], next: null })
      expect(await verify(world.db)).toEqual([])
    })
  })
}
