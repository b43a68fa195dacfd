import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import type { Platform } from '#shared/model/account.ts'
import { generatedWorld } from '../../local/world/generated.ts'
import { openTestWorld } from '../setup/world.ts'

const dayMs = 86_400_000
const platforms = ['youtube', 'instagram', 'tiktok'] as const

test('thirty days of three platforms: no window overspent, no false deletion, every promise kept', {
  timeout: 600_000,
}, async () => {
  let generated: ReturnType<typeof generatedWorld> | undefined
  const world = await openTestWorld({
    platforms,
    // Maintain comes twice a day and not each half hour, to save time: tokens live as long as that.
    tiktok: { accessS: 36 * 3600 },
    worldAt: (now) => {
      generated ??= generatedWorld('month', now(), now)
      return generated
    },
  })
  const start = world.clock.now()
  await world.within(({ runUntil }) => runUntil(new Date(start.getTime() + 30 * dayMs), 12))

  expect(await verify(world.db)).toEqual([])
  expect(world.failures).toEqual([])
  // No platform ever had to refuse a call for having been asked too often.
  expect(await world.db.rows(sql`select pool from quota_windows where blocked_until > '-infinity'`)).toEqual(
    [],
  )
  expect(await world.db.rows(sql`select count(*)::int as count from quarantined_records`)).toEqual([
    { count: 0 },
  ])

  const posts = await world.db.rows<{ platform: Platform; native_id: string; status: string }>(
    sql`select platform, native_id, status from posts`,
  )
  const isThere = (post: { platform: Platform; native_id: string }) =>
    world.world.post(post.platform, post.native_id) !== null
  const deleted = posts.filter(({ status }) => status === 'deleted')
  expect(deleted.filter(isThere)).toEqual([])
  expect(new Set(deleted.map(({ platform }) => platform))).toEqual(new Set(platforms))
  // What was published in time to be found is on record.
  const known = new Set(posts.map(({ platform, native_id }) => `${platform} ${native_id}`))
  const lost = platforms.flatMap((platform) =>
    world.world
      .accounts(platform)
      .flatMap((account) => world.world.postsOf(platform, account))
      .filter(
        (post) => !known.has(`${platform} ${post.id}`) && ageDays(post.resource, world.clock.now()) > 2,
      ),
  )
  const renamed = await world.db.rows<{ native_id: string }>(
    sql`select native_id from accounts where status = 'missing'`,
  )
  const gone = new Set(renamed.map(({ native_id }) => native_id))
  expect(lost.filter(({ account }) => !gone.has(account)).map(({ id }) => id)).toEqual([])
})

/** Days since a post was published, by the field of its platform. */
function ageDays(resource: Readonly<Record<string, unknown>>, now: Date): number {
  const { snippet, timestamp, create_time } = resource as {
    snippet?: { publishedAt: string }
    timestamp?: string
    create_time?: number
  }
  const text = snippet?.publishedAt ?? timestamp?.replace('+0000', 'Z')
  const at = text ? Date.parse(text) : Number(create_time) * 1000
  return (now.getTime() - at) / dayMs
}
