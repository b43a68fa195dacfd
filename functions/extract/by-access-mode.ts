import type { ClaimedTask } from '#shared/db/operations/claim-tasks.ts'
import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import {
  appIsRefused,
  type FaultPlace,
  faultOf,
  noteFault,
  type OpenFault,
} from '#shared/db/tables/app-faults.ts'
import { setAside } from '#shared/db/tables/refusals.ts'
import { type Reading, readBatch } from './batch.ts'
import type { ExtractRun, Yielding } from './deps.ts'
import { setFailed, setWaiting } from './outcome.ts'
import type { Steps } from './step.ts'

/** Accounts to try when the app was refused: a single one might be refused for a reason of its own. */
const probes = 3

/** Reads tasks whose accounts are read by one right, as far as that is set up here and the app is not refused. */
export async function readByAccessMode(
  run: ExtractRun,
  place: FaultPlace,
  tasks: readonly ClaimedTask[],
  yielding: Yielding,
  steps: Steps,
): Promise<void> {
  const reader = run.readers[place.access_mode]
  if (!reader) return refuse(run, place, tasks)
  const { connector, token } = reader
  if (!connector) return waitForSettings(run, place, tasks)
  const reading: Reading = { run, access_mode: place.access_mode, connector, token, yielding, steps }
  const fault = await faultOf(run.db, place)
  if (!fault) return readBatch(reading, tasks)
  return readWhileAppRefused(reading, place, fault, tasks)
}

/** The app was refused. When it is time, a few are asked about; the others wait, unless an answer was good. */
async function readWhileAppRefused(
  reading: Reading,
  place: FaultPlace,
  fault: OpenFault,
  tasks: readonly ClaimedTask[],
): Promise<void> {
  const { run } = reading
  // What we lack is seen without asking the platform, so it is looked at each time.
  const isTime = fault.is_due || fault.code === 'config'
  const [probing, others] = isTime ? [tasks.slice(0, probes), tasks.slice(probes)] : [[], tasks]
  if (probing.length > 0) await readBatch(reading, probing, true)
  const still = probing.length > 0 ? await faultOf(run.db, place) : fault
  if (!still) return readBatch(reading, others)
  const afterMs = Math.max(still.wait_ms + 1_000, 60_000)
  const wait = {
    reason: 'credential',
    error: still.code === 'config' ? still.message : appIsRefused,
    afterMs,
    counts: false,
  }
  return setWaiting(run, others, wait)
}

/** Nothing is wrong with these accounts: they wait until the settings are mended. */
async function waitForSettings(
  run: ExtractRun,
  place: FaultPlace,
  tasks: readonly ClaimedTask[],
): Promise<void> {
  const message = `the settings for ${place.platform} accounts read by ${place.access_mode} are missing`
  run.log.error({ tasks: tasks.length }, message)
  const remedy = 'add them and deploy again: docs/access.md says what each access mode takes'
  await noteFault(run.db, { ...place, code: 'config', message, remedy })
  await setWaiting(run, tasks, { reason: 'config', error: message, afterMs: 3_600_000, counts: false })
}

/** Accounts that no connector here reads: their tasks fail with the reason. */
async function refuse(run: ExtractRun, place: FaultPlace, tasks: readonly ClaimedTask[]): Promise<void> {
  const reason = `${place.platform} accounts cannot be read by ${place.access_mode} here`
  await setAside(
    run.db,
    place,
    tasks.map(({ account_id }) => ({ account_id, status: 'unsupported', reason })),
  )
  await setFailed(run, tasks, reason)
  const ids = tasks.map((task) => task.id)
  run.finished.push(...(await finishTasks(run.db, ids)).finished)
}
