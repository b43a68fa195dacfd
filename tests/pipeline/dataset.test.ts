import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { inputOf } from '#shared/ml/content.ts'
import type { Platform } from '#shared/model/account.ts'
import { annotate } from '../../local/simulators/ml/annotate.ts'
import { readDataset } from '../../local/world/dataset.ts'
import { openTestWorld } from '../setup/world.ts'

// Recorded data are not part of the project: they lie beside a contributor's checkout, or are named by DATASET.
const folder = process.env['DATASET'] ?? join(import.meta.dirname, '../../../shared/dataset')
const isThere = existsSync(join(folder, 'youtube.jsonl.gz'))
if (!isThere) console.warn(`no recorded dataset in ${folder}: the tests over recorded data are skipped`)

/** The recording of a platform and what it comes to: one account in ten (of YouTube in thirty), or in a full run all of them. */
async function recorded(platform: Platform) {
  const all = await readDataset(folder, [platform])
  if (inject('isFull')) {
    const { at_end } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')).platforms[platform]
    const followed = new Set(all.map(({ account }) => account)).size
    return {
      ...{ observations: all, followed },
      ...{ posts: at_end.posts as number, profiles: at_end.profiles as number },
    }
  }
  const each = platform === 'youtube' ? 30 : 10
  const kept = new Set(
    [...new Set(all.map(({ account }) => account))].filter((_, index) => index % each === 0),
  )
  const observations = all.filter(({ account }) => kept.has(account))
  const idsOf = (kind: string) => new Set(observations.flatMap((line) => (line.kind === kind ? line.id : [])))
  return { observations, followed: kept.size, posts: idsOf('post').size, profiles: idsOf('profile').size }
}

const calls = '1000000'
const unlimited = {
  instagram: { instagram: { appCallsPerHour: Number(calls) }, env: { INSTAGRAM_APP_CALLS_PER_HOUR: calls } },
  tiktok: { tiktok: { callsPerMinute: Number(calls) }, env: { TIKTOK_CALLS_PER_MINUTE: calls } },
  youtube: {},
}

test.skipIf(!isThere).for(['youtube', 'instagram', 'tiktok'] as const)(
  'the recorded dataset of %s lands whole, and a second run adds nothing',
  { timeout: 600_000 },
  async (platform) => {
    const { observations, followed, posts, profiles } = await recorded(platform)
    const world = await openTestWorld({
      ...{ observations, platforms: [platform] },
      ...unlimited[platform],
      ml: { durationMs: () => 60_000 },
    })
    const first = await world.syncAll()
    expect(posts).toBeGreaterThan(100)
    expect(first).toMatchObject({
      ...{ posts, profile_metrics: profiles },
      ...{ quarantined: 0, parked: 0 },
      tasks: { done: followed },
      ml_jobs: { open: 0, failed: 0, expired: 0 },
    })
    if (platform === 'youtube') expect(await wrongAnnotations(world.db, posts)).toEqual([])

    const { ml_jobs, ...again } = await world.syncAll()
    expect(again).toMatchObject({
      ...{ posts, post_metrics: first.post_metrics, profile_metrics: first.profile_metrics },
    })
    expect(ml_jobs.done).toBe(first.ml_jobs.done)
    expect(world.failures).toEqual([])
    expect(await verify(world.db)).toEqual([])
  },
)

/** Posts whose annotations are not the simulator's own answers to their text and cover. */
async function wrongAnnotations(db: Parameters<typeof verify>[0], posts: number) {
  const rows = await db.rows<{ key: string; content: string; result: string | null }>(sql`
    with contents as (
      select id as post_id, 'text' as kind, text_key as key, jsonb_build_object('kind', 'text', 'title', title, 'body', body, 'lang', lang) as content
      from posts where text_key is not null
      union all select post_id, 'image', content_key, jsonb_build_object('kind', 'picture', 'media_kind', kind, 'url', url)
      from post_media where content_key is not null
    )
    select c.key, c.content, a.result from contents c left join post_annotations a on a.post_id = c.post_id and a.kind = c.kind`)
  if (rows.length < posts) return [`only ${rows.length} contents`]
  return rows.filter(({ key, content, result }) => {
    const expected = annotate(JSON.parse(JSON.stringify(inputOf(key, JSON.parse(content)))))
    return result === null || JSON.stringify(sorted(JSON.parse(result))) !== JSON.stringify(sorted(expected))
  })
}

/** Keys in one order: jsonb keeps none. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
