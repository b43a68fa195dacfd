import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import type { Observation } from '../../local/world/world.ts'
import { people } from '../setup/instagram.ts'
import { openTestWorld, type TestWorld } from '../setup/world.ts'

const maintain = (world: TestWorld) => world.within(({ cloud }) => cloud.triggers.tick('maintain'))
const later = async (world: TestWorld, days: number) =>
  world.clock.jumpTo(new Date(world.clock.now().getTime() + days * 86_400_000))

test('a shared token is warned of a week before it ends, once a day, by its number alone', async () => {
  const world = await openTestWorld({
    observations: people([{ username: 'one', posts: 1 }]),
    platforms: ['instagram'],
  })
  await world.db.rows(sql`update credentials set access_expires_at = app_now() + interval '8 days'`)
  await maintain(world)
  const warned = () => world.logged('the shared token of instagram ends within a week')
  expect(warned()).toEqual([])
  await later(world, 2)
  await maintain(world)
  await maintain(world)
  expect(warned()).toHaveLength(1)
  expect(JSON.parse(warned()[0] ?? '{}')).toMatchObject({ credential_id: '1', ends_at: expect.any(String) })
  await later(world, 1)
  await maintain(world)
  expect(warned()).toHaveLength(2)
})

test('a consent that ends for good is warned of a week before, by account', async () => {
  const line = { platform: 'tiktok' as const, account: 'a_brand', at: '2026-01-01T00:00:00.000Z' }
  const user = { open_id: 'open-1', username: 'a_brand' }
  const observations: Observation[] = [{ ...line, kind: 'profile', id: 'open-1', resource: user }]
  const world = await openTestWorld({ observations, platforms: ['tiktok'] })
  const warned = () => world.logged('access ends for good within a week')
  await later(world, 0.07)
  await maintain(world)
  expect(warned()).toEqual([])
  await world.db.rows(sql`update credentials set refresh_expires_at = app_now() + interval '6 days'`)
  await later(world, 0.07)
  await maintain(world)
  expect(warned()).toHaveLength(1)
  expect(JSON.parse(warned()[0] ?? '{}')).toMatchObject({ account_id: '1' })
})
