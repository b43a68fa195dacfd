import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { verify } from '#shared/db/views/verify.ts'
import { platformNames } from '#shared/platforms/index.ts'
import type { DriverName } from '../../local/drivers/open.ts'
import { readDataset } from '../../local/world/dataset.ts'
import { observationsAt } from '../../local/world/generated.ts'
import type { Observation } from '../../local/world/world.ts'
import { canDrive, openOrchestrator } from '../setup/orchestrator.ts'
import { snapshot } from '../setup/snapshot.ts'
import { openTestWorld } from '../setup/world.ts'

// Recorded data are not part of the project: they lie beside a contributor's checkout, or are named by DATASET.
const folder = process.env['DATASET'] ?? join(import.meta.dirname, '../../../shared/dataset')
const isThere = existsSync(join(folder, 'youtube.jsonl.gz'))
if (!isThere) console.warn(`no recorded dataset in ${folder}: drivers are not compared over it`)

/** One account of so many, of each platform; in a full run all. */
function someOf(observations: readonly Observation[], oneIn: number): Observation[] {
  if (inject('isFull')) return [...observations]
  const accounts = Map.groupBy(observations, ({ platform, account }) => `${platform} ${account}`)
  return [...accounts.values()].filter((_, index) => index % oneIn === 0).flat()
}

const generated = async () => someOf(observationsAt('tests', new Date('2026-11-01T00:00:00Z')), 4)
const recorded = async () => someOf(await readDataset(folder, platformNames), 40)

const most = '1000000'
const unlimited = {
  instagram: { appCallsPerHour: Number(most) },
  tiktok: { callsPerMinute: Number(most) },
  env: { INSTAGRAM_APP_CALLS_PER_HOUR: most, TIKTOK_CALLS_PER_MINUTE: most },
}

/** Platforms sign links of pictures with each answer, and each simulator has a port of its own. */
const withoutSignatures = ({ media = [], profiles = [], ...rows }: Record<string, object[]>) => ({
  ...rows,
  profiles: profiles.map((row) => ({ ...row, content_hash: null })),
  media: media.map((row) => ({
    ...row,
    url: String((row as { url: unknown }).url).replace(/^https?:\/\/[^/]+|\?.*$/g, ''),
  })),
})

/** What a driver makes of a world of all platforms, and by how many calls. */
async function outcomeOf(name: DriverName, observations: readonly Observation[]) {
  const { driver } = await openOrchestrator(name)
  const world = await openTestWorld({
    ...{ observations, driver, platforms: platformNames, ...unlimited },
    ml: { durationMs: () => 60_000 },
  })
  const { tasks } = await world.syncAll()
  const { youtube, instagram, tiktok } = world.simulators
  const calls = [youtube, instagram, tiktok]
    .flatMap((platform) => [...platform.calls.values()])
    .reduce((sum, count) => sum + count, 0)
  expect(world.failures).toEqual([])
  expect(await verify(world.db)).toEqual([])
  return { rows: withoutSignatures(await snapshot(world.db)), calls, tasks }
}

test.for([
  { name: 'the generated world', read: generated, isHere: true },
  { name: 'the recorded dataset', read: recorded, isHere: isThere },
])(
  '$name comes to the same rows under every driver, with as many calls',
  { timeout: 900_000 },
  async ({ read, isHere }, { skip }) => {
    skip(!isHere, 'the recorded dataset is not there')
    const observations = await read()
    const expected = await outcomeOf('functions', observations)
    expect(expected.tasks['done']).toBeGreaterThan(3)
    for (const name of (['flow', 'temporal'] as const).filter(canDrive)) {
      const { rows, calls } = await outcomeOf(name, observations)
      expect(rows, name).toEqual(expected.rows)
      expect(
        Math.abs(calls / expected.calls - 1),
        `${calls} and ${expected.calls} calls, ${name}`,
      ).toBeLessThan(0.05)
    }
  },
)
