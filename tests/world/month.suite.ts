import { expect, inject, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import type { Platform } from '#shared/model/account.ts'
import { generatedWorld } from '../../local/world/generated.ts'
import { openTestWorld } from '../setup/world.ts'

const dayMs = 86_400_000
/**
 * In a full run, with all brands; otherwise of TikTok alone, whose tokens end within the day, with three brands. `seed`: a world in which
 * early enough some of their posts are deleted.
 */
export const testMonthOf = (platform: Platform, seed = 'month') =>
  test.runIf(inject('isFull') || platform === 'tiktok')(
    `thirty days of ${platform}: no window overspent, no false deletion, every invariant holds`,
    {
      timeout: 600_000,
    },
    () => month(platform, seed, inject('isFull') ? undefined : 3),
  )

async function month(platform: Platform, seed: string, size: number | undefined): Promise<void> {
  let generated: ReturnType<typeof generatedWorld> | undefined
  const world = await openTestWorld({
    platforms: [platform],
    // Maintain comes twice a day and not every ten minutes, to save time: tokens live as long as that.
    tiktok: { accessS: 36 * 3600 },
    worldAt: (now) => {
      generated ??= generatedWorld(seed, now(), now, size)
      return generated
    },
  })
  const start = world.clock.now()
  await world.within(({ runUntil }) => runUntil(new Date(start.getTime() + 30 * dayMs), 12))

  expect(await verify(world.db)).toEqual([])
  expect(world.failures).toEqual([])
  // The platform never refused a call for too many calls.
  expect(await world.db.rows(sql`select pool from quota_windows where blocked_until > '-infinity'`)).toEqual(
    [],
  )
  expect(await world.db.rows(sql`select count(*)::int as count from quarantined_records`)).toEqual([
    { count: 0 },
  ])

  const posts = await world.db.rows<{ native_id: string; status: string }>(
    sql`select native_id, status from posts where platform = ${platform}`,
  )
  const deleted = posts.filter(({ status }) => status === 'deleted')
  expect(deleted.length).toBeGreaterThan(0)
  expect(deleted.filter((post) => world.world.post(platform, post.native_id) !== null)).toEqual([])
  // What was published in time to be found is on record.
  const known = new Set(posts.map(({ native_id }) => native_id))
  const lost = world.world
    .accounts(platform)
    .flatMap((account) => world.world.postsOf(platform, account))
    .filter((post) => !known.has(post.id) && ageDays(post.resource, world.clock.now()) > 2)
  const renamed = await world.db.rows<{ native_id: string }>(
    sql`select native_id from accounts where status = 'missing'`,
  )
  const gone = new Set(renamed.map(({ native_id }) => native_id))
  expect(lost.filter(({ account }) => !gone.has(account)).map(({ id }) => id)).toEqual([])
}

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
