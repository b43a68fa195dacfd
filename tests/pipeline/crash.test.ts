import { setTimeout as after } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import { verify } from '#shared/db/views/verify.ts'
import { seeded } from '../../local/world/random.ts'
import { openGate } from '../setup/gate.ts'
import { snapshot } from '../setup/snapshot.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

const observations = fewAccounts(2)
type KillAt = Parameters<typeof openGate>[0]

/** Runs until killed, begins again with a new cloud over the same database, and lets timers repair. */
async function runKilledAt(killAt: KillAt) {
  const world = await openTestWorld({ observations })
  const gate = openGate(killAt)
  const first = await world.open(gate.change)
  const run = first.runOnce().catch((error: unknown) => {
    // What drives the run rings too, and may be the first to find the process dead.
    if (!gate.isKilled()) throw error
  })
  let isOver = false
  void run.finally(() => {
    isOver = true
  })
  while (!isOver && !gate.isKilled()) await after(5)
  await first.close()
  const standing = await world.within(async (opened) => {
    // The next timer: accounts for which no task was made yet are still due.
    await opened.cloud.triggers.tick('extract-youtube')
    return opened.followThrough()
  })
  return { world, gate, standing }
}

let known: ReturnType<typeof runUndisturbed> | undefined
const undisturbed = () => {
  known ??= runUndisturbed()
  return known
}

async function runUndisturbed() {
  const { world, gate } = await runKilledAt(() => false)
  return { rows: await snapshot(world.db), gates: gate.passed, accepted: world.simulators.ml.accepted() }
}

test.for([
  { name: 'a page was committed but not rung', at: 'extract-youtube send before', nth: 1 },
  { name: 'an ML job was posted but its answer was lost', at: 'transform fetch POST jobs after', nth: 3 },
  { name: 'a page was read but not committed', at: 'transform commit', nth: 1 },
  { name: 'pages were committed but their tasks not finished', at: 'transform transaction after', nth: 1 },
  { name: 'an ML result was applied but its task not finished', at: 'poll transaction after', nth: 1 },
  { name: 'a listing was fetched but not kept', at: 'extract-youtube fetch GET playlistItems after', nth: 2 },
  { name: 'quota was reserved but nothing asked', at: 'extract-youtube fetch GET videos before', nth: 1 },
])('after a kill when $name the final rows are the same', async ({ at, nth }) => {
  const expected = await undisturbed()
  const { world, gate, standing } = await runKilledAt((name, _number, seen) => name === at && seen === nth)
  expect(gate.isKilled()).toBe(true)
  expect(standing.ml_jobs.open).toBe(0)
  expect(await snapshot(world.db)).toEqual(expected.rows)
  expect(world.simulators.ml.accepted()).toBe(expected.accepted)
  expect(await verify(world.db)).toEqual([])
})

/** Another seed kills at other places; a full run draws one, and the names of the tests say which. */
const seed = process.env['CRASH_SEED'] ?? (inject('isFull') ? crypto.randomUUID() : 'short')
const random = seeded(seed)
const draws = inject('isFull') ? 22 : inject('isPostgres15') ? 1 : 6
const sample = [
  ...Array.from({ length: draws }, (_, index) => Math.round((96 * (index + random())) / draws)),
  // The last results: nothing else is left that would bring the tasks to their end.
  ...[97, 98, 99],
]

test.for(sample)(
  `after a kill at %i percent of all gates the final rows are the same (CRASH_SEED=${seed})`,
  async (percent) => {
    const expected = await undisturbed()
    const number = Math.max(1, Math.floor((expected.gates.length * percent) / 100))
    const chosen = expected.gates[number - 1] ?? ''
    const nth = expected.gates.slice(0, number).filter((name) => name === chosen).length
    const where = `gate ${number} of ${expected.gates.length}: ${chosen}, time ${nth}`
    const { world } = await runKilledAtLast(chosen, nth)
    expect(await snapshot(world.db), where).toEqual(expected.rows)
    expect(world.simulators.ml.accepted(), where).toBe(expected.accepted)
    expect(await verify(world.db), where).toEqual([])
  },
)

/** Runs differ in how often they ask: where a gate does not come so many times, the last time that it came is taken. */
async function runKilledAtLast(chosen: string, nth: number) {
  const killed = await runKilledAt((name, _number, seen) => name === chosen && seen === nth)
  if (killed.gate.isKilled()) return killed
  const came = killed.gate.passed.filter((name) => name === chosen).length
  expect(came, `${chosen} never comes`).toBeGreaterThan(0)
  return runKilledAtLast(chosen, came)
}
