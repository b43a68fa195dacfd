import pMap from 'p-map'
import type { Db } from '#shared/db/pool.ts'
import { nameTraces } from '#shared/db/tables/sync-tasks.ts'
import type { TaskRef } from '#shared/db/views/task-progress.ts'
import { openSpan } from '#shared/telemetry/span.ts'

const inFlight = 16

/**
 * Begins to follow tasks, each in the trace of its sync, which begins here where it has none. One that cannot be followed holds up no
 * other one; it is thrown at the end.
 */
export async function beginAll(
  db: Db,
  tasks: readonly TaskRef[],
  begin: (task: TaskRef) => Promise<unknown>,
): Promise<void> {
  const spans = tasks.map(({ id, traceparent }) =>
    openSpan('follow', { parent: traceparent, attributes: { 'social_sync.task.id': id } }),
  )
  const fresh = tasks.flatMap(({ id, traceparent }, index) => {
    const begun = spans[index]?.traceparent ?? null
    return traceparent === null && begun !== null ? [{ id, traceparent: begun }] : []
  })
  await nameTraces(db, fresh)
  const beginOne = async (task: TaskRef, index: number) => {
    const span = spans[index]
    try {
      await span?.within(() => begin(task))
      span?.end()
    } catch (error) {
      span?.end(error)
      throw error
    }
  }
  await pMap(tasks, beginOne, { concurrency: inFlight, stopOnError: false })
}
