import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { idOf, people } from '../setup/instagram.ts'
import { always, ask, hourMs, later, meta, owned, states } from '../setup/refusals.ts'
import { openTestWorld } from '../setup/world.ts'

const brands = (count: number) =>
  people(Array.from({ length: count }, (_, index) => ({ username: `brand${index}`, posts: 1 })))

test('names that are not found prove nothing of the app, however many are followed at once', async () => {
  const world = await openTestWorld({ observations: brands(2), platforms: ['instagram'] })
  for (const handle of ['no.such.one', 'no.such.two', 'no.such.three'])
    await world.db.rows(sql`
      insert into accounts (platform, handle, access_mode) values ('instagram', ${handle}, 'public_discovery')`)
  // The wrong ones alone first.
  await world.db.rows(
    sql`update accounts set next_sync_at = app_now() + interval '1 hour' where native_id is not null`,
  )
  await world.db.rows(sql`update accounts set next_sync_at = app_now() where native_id is null`)
  await world.within(async ({ cloud }) => {
    await cloud.triggers.tick('extract-instagram')
    while (!cloud.triggers.idle()) await new Promise((resolve) => setTimeout(resolve, 5))
  })
  expect(await world.db.rows(sql`select from app_faults`)).toEqual([])
  await later(world, hourMs)
  await ask(world, 'instagram')
  await world.within((opened) => opened.followThrough())
  expect(await world.db.rows(sql`select count(*)::int as posts from posts`)).toEqual([{ posts: 2 }])
  expect(await world.db.rows(sql`select from app_faults`)).toEqual([])
  expect(await verify(world.db)).toEqual([])
})

test('accounts that we cannot even ask about prove nothing of the app', async () => {
  const world = await openTestWorld({ observations: brands(4), platforms: ['instagram'] })
  // Only by a name can others be looked up.
  await world.db.rows(sql`update accounts set handle = null where native_id <> ${idOf('brand0')}`)
  await ask(world, 'instagram')
  await world.within((opened) => opened.followThrough())
  expect(await world.db.rows(sql`select from app_faults`)).toEqual([])
  expect(await states(world)).toEqual([
    { status: 'active', accounts: 1 },
    { status: 'unsupported', accounts: 3 },
  ])
  expect(await verify(world.db)).toEqual([])
})

test('a refusal that was over in an hour costs an account none of its later syncs', async () => {
  const world = await owned(3)
  await world.syncAll()
  await world.db.rows(sql`update accounts set sync_every = interval '1 hour'`)
  world.simulators.instagram.plan(always(meta(100, 'does not exist', 33), `/v25.0/${idOf('brand0')}`))
  await ask(world, 'instagram')
  world.simulators.instagram.clearFaults()
  await later(world, 2 * hourMs)
  await world.within((opened) => opened.followThrough())
  const next = await world.db.rows(sql`
    select next_sync_at <= app_now() + sync_every as is_soon, status from accounts where native_id = ${idOf('brand0')}`)
  expect(next).toEqual([{ is_soon: true, status: 'active' }])
  expect(await verify(world.db)).toEqual([])
})

test('another refusal than the one before begins with a look a day later', async () => {
  const world = await owned(3)
  await world.syncAll()
  const path = `/v25.0/${idOf('brand0')}`
  await world.db.rows(sql`
    insert into refusals (account_id, platform, access_mode, endpoint, code, looks, first_at, last_at)
    select id, 'instagram', 'own_oauth', 'user', 'rate', 5, app_now(), app_now() from accounts where native_id = ${idOf('brand0')}`)
  world.simulators.instagram.plan(always(meta(190, 'Error validating access token', 463), path))
  await ask(world, 'instagram')
  const [one] = await world.db.rows(sql`
    select status, round(extract(epoch from next_sync_at - app_now()) / 86400)::int as days from accounts
    where native_id = ${idOf('brand0')}`)
  expect(one).toEqual({ status: 'reauth_required', days: 1 })
})
