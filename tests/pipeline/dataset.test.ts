import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { annotate } from '../../local/simulators/ml/annotate.ts'
import { readDataset } from '../../local/world/dataset.ts'
import { openTestWorld } from '../setup/world.ts'

// Recorded data are not part of the project: they lie beside a contributor's checkout, or are named by DATASET.
const folder = process.env['DATASET'] ?? join(import.meta.dirname, '../../../shared/dataset')
const isThere = existsSync(join(folder, 'youtube.jsonl.gz'))
if (!isThere) console.warn(`no recorded dataset in ${folder}: the tests over recorded data are skipped`)

const calls = '1000000'
const unlimited = {
  instagram: { instagram: { appCallsPerHour: Number(calls) }, env: { INSTAGRAM_APP_CALLS_PER_HOUR: calls } },
  tiktok: { tiktok: { callsPerMinute: Number(calls) }, env: { TIKTOK_CALLS_PER_MINUTE: calls } },
}

test.skipIf(!isThere).for(['instagram', 'tiktok'] as const)(
  'the recorded dataset of %s lands whole',
  { timeout: 240_000 },
  async (platform) => {
    const { at_end } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')).platforms[platform]
    const world = await openTestWorld({
      observations: await readDataset(folder, [platform]),
      platforms: [platform],
      ...unlimited[platform],
      ml: { durationMs: () => 60_000 },
    })
    const standing = await world.syncAll()
    expect(standing).toMatchObject({
      posts: at_end.posts,
      profile_metrics: at_end.profiles,
      quarantined: 0,
      parked: 0,
      tasks: { done: at_end.profiles },
      ml_jobs: { open: 0, failed: 0 },
    })
    expect(await verify(world.db)).toEqual([])
  },
)

describe.skipIf(!isThere)('the recorded YouTube dataset', () => {
  test('lands whole, and a second run adds no post', { timeout: 240_000 }, async () => {
    const { at_end } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')).platforms.youtube
    const world = await openTestWorld({
      observations: await readDataset(folder, ['youtube']),
      ml: { durationMs: () => 60_000 },
    })
    const first = await world.syncAll()
    expect(first).toMatchObject({
      posts: at_end.posts,
      profile_metrics: at_end.profiles,
      quarantined: 0,
      parked: 0,
    })
    expect(first.tasks).toEqual({ done: 1575 })
    expect(first.ml_jobs).toMatchObject({ open: 0, failed: 0, expired: 0 })
    const [profiles] = await world.db.rows<{ count: number }>(
      sql`select count(*)::int as count from profiles`,
    )
    expect(profiles?.count).toBe(at_end.profiles)
    expect(await wrongAnnotations(world.db)).toEqual([])
    expect(await verify(world.db)).toEqual([])

    const again = await world.syncAll()
    expect(again.posts).toBe(first.posts)
    expect(again.post_metrics).toBe(first.post_metrics)
    expect(again.profile_metrics).toBe(first.profile_metrics)
    expect(again.ml_jobs.done).toBe(first.ml_jobs.done)
    expect(world.failures).toEqual([])
    expect(await verify(world.db)).toEqual([])
  })
})

/** Posts whose annotations are not the simulator's own answers to their text and cover. */
async function wrongAnnotations(db: Parameters<typeof verify>[0]) {
  const rows = await db.rows<{ native_id: string; kind: string; input: string; result: string | null }>(sql`
    select p.native_id, j.kind, j.input, a.result from posts p
    join ml_job_targets t on t.post_id = p.id join ml_jobs j on j.id = t.ml_job_id
    left join post_annotations a on a.post_id = p.id and a.kind = j.kind`)
  if (rows.length < 17_000) return [`only ${rows.length} targets`]
  return rows.filter(({ input, result }) => {
    const expected = annotate(JSON.parse(input))
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
