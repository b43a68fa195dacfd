import type { ExtractDeps } from '#functions/extract/deps.ts'
import { runExtract } from '#functions/extract/run.ts'
import { type PollDeps, runPoll } from '#functions/poll/run.ts'
import { runSubmit, type SubmitDeps } from '#functions/submit/run.ts'
import { runTransform, type TransformDeps } from '#functions/transform/run.ts'

/** What the runs of a sync are called with. */
export interface DriverDeps {
  readonly extract: ExtractDeps
  readonly transform: TransformDeps
  readonly submit: SubmitDeps
  readonly poll: PollDeps
  /** The time of the ledger. */
  readonly now: () => Date
  readonly sleep: (ms: number) => Promise<void>
}

/** How often an ML job is asked about. */
const askEveryMs = 60_000

/**
 * Follows one sync task to its end by calling runs alone: no function, no event, no ring. The ledger holds all there is to
 * know, so a call after a stop goes on where it stood. Returns the states that its steps came to.
 */
export async function followTask(deps: DriverDeps, taskId: string, signal: AbortSignal): Promise<string[]> {
  const states: string[] = []
  for (const step of ['profile', 'posts'] as const) {
    while (!signal.aborted) {
      const { tasks } = await runExtract(deps.extract, { of: 'tasks', ids: [taskId], step }, signal)
      const [task] = tasks
      if (!task) throw new Error(`there is no task ${taskId}`)
      states.push(`${step}: ${task.state}`)
      if (task.state !== 'waiting') break
      await deps.sleep(task.until.getTime() - deps.now().getTime())
    }
  }
  const { finished } = await runTransform(deps.transform, { of: 'tasks', ids: [taskId] }, signal)
  const ended = new Set(finished)
  while (!ended.has(taskId) && !signal.aborted) {
    for (const id of (await runSubmit(deps.submit, signal)).finished) ended.add(id)
    await deps.sleep(askEveryMs)
    for (const id of (await runPoll(deps.poll, signal)).finished) ended.add(id)
  }
  return states
}
