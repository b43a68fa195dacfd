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
  const isOver =
    (await isRead(deps, taskId, signal, states)) ||
    (await runTransform(deps.transform, { of: 'tasks', ids: [taskId] }, signal)).finished.includes(taskId)
  while (!signal.aborted && !isOver && !(await isEnriched(deps, taskId, signal)));
  return states
}

/** Reads the account step by step, until its walk has ended. Returns whether the task has ended with that. */
async function isRead(
  { extract, now, sleep }: DriverDeps,
  taskId: string,
  signal: AbortSignal,
  states: string[],
): Promise<boolean> {
  for (const step of ['profile', 'posts'] as const) {
    while (!signal.aborted) {
      const { tasks, finished } = await runExtract(extract, { of: 'tasks', ids: [taskId], step }, signal)
      const [task] = tasks
      if (!task) throw new Error(`no outcome for task ${taskId}`)
      states.push(`${step}: ${task.state}`)
      if (task.state === 'walked' || finished.includes(taskId)) return finished.includes(taskId)
      if (task.state !== 'waiting') break
      await sleep(task.until.getTime() - now().getTime())
    }
  }
  return false
}

/** Sends ML jobs, and asks about them a while later. Returns whether the task has ended with that. */
async function isEnriched(
  { submit, poll, now, sleep }: DriverDeps,
  taskId: string,
  signal: AbortSignal,
): Promise<boolean> {
  const sent = await runSubmit(submit, signal)
  const opensInMs = sent.until ? sent.until.getTime() - now().getTime() : 0
  await sleep(Math.max(askEveryMs, opensInMs))
  const asked = await runPoll(poll, signal)
  return [...sent.finished, ...asked.finished].includes(taskId)
}
