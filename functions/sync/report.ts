import type * as z from 'zod'
import type { TaskReport } from '#shared/db/views/job-report.ts'
import type { TaskView } from './api/task.ts'
import type { Eta } from './forecast/eta.ts'
import { traceUrlOf } from './trace-url.ts'
import { byCause, counted, remedyOf, waitOf } from './words.ts'

type State = 'running' | 'waiting' | 'done' | 'incomplete' | 'failed' | 'cancelled'

/**
 * The state of a request, from its tasks: open while one is open, waiting when all open ones wait; then the worst of
 * them. A request whose only account was erased has none left.
 */
export function stateOf(tasks: readonly Pick<TaskReport, 'status' | 'reason' | 'again'>[]): State {
  const open = tasks.filter((task) => task.again || !['done', 'failed', 'cancelled'].includes(task.status))
  if (open.length > 0) return open.every((task) => task.status === 'waiting') ? 'waiting' : 'running'
  if (tasks.some((task) => task.status === 'failed')) return 'failed'
  if (tasks.some((task) => task.reason === 'incomplete')) return 'incomplete'
  return tasks.some((task) => task.status === 'cancelled') ? 'cancelled' : 'done'
}

export const isOpen = (state: State) => state === 'running' || state === 'waiting'

export const etaView = ({ on_record, rows_at, ready_at, because }: Eta) => ({
  on_record,
  rows_at: rows_at?.toISOString() ?? null,
  ready_at: ready_at?.toISOString() ?? null,
  because,
})

/** What a task waits for, in plain words; null when it waits for nothing. */
function waitsFor(task: TaskReport): string | null {
  if (task.again) return 'the sync under way; this one begins when it has been read'
  if (task.status === 'queued') return 'its turn'
  if (task.status === 'extracting') return 'answers of the platform'
  if (task.status === 'waiting')
    return remedyOf(task.reason) ?? `${waitOf(task.reason)}, until ${task.run_at.toISOString()}`
  if (task.status === 'transforming') return `${counted(task.pages_stored, 'page')} to be read`
  if (task.status !== 'enriching') return null
  const next = task.ml_next_at ? `, asked next at ${task.ml_next_at.toISOString()}` : ''
  return `${counted(task.ml_open, 'ML job')}${next}`
}

/** What is not as it should be, in plain words. */
function problemsOf(task: TaskReport): string[] {
  const isEnded = ['done', 'failed'].includes(task.status)
  return [
    ...(task.last_error ? [task.last_error] : []),
    // What an earlier release took for done.
    ...(task.is_not_found && !task.last_error ? ['the platform does not find this account'] : []),
    ...(task.pages_parked > 0 ? [`${counted(task.pages_parked, 'page')} parked`] : []),
    ...(task.quarantined > 0
      ? [`${counted(task.quarantined, 'record')} refused: ${byCause(task.refused)}`]
      : []),
    ...(task.ml_failed > 0
      ? [`${counted(task.ml_failed, 'ML job')} failed: ${byCause(task.ml_causes)}`]
      : []),
    // Pages read out of order have some; answers that are all old were dated by a clock that had been set back.
    ...(task.stale > task.records
      ? [
          `${counted(task.stale, 'record')} older than what is on record: was the clock of the database set back?`,
        ]
      : []),
    ...(isEnded && task.pages_dropped > 0 ? [`${counted(task.pages_dropped, 'page')} dropped unread`] : []),
  ]
}

/** @param traceUrl where traces are looked at, as the setting TRACE_URL has it */
export function taskView(task: TaskReport, traceUrl: string | undefined): z.infer<typeof TaskView> {
  // The walk under way belongs to an earlier sync: none of its counts are shown.
  return {
    id: task.id,
    account_id: task.account_id,
    platform: task.platform,
    handle: task.handle,
    native_id: task.native_id,
    account_status: task.account_status,
    status: task.status,
    reason: task.reason,
    waits_for: waitsFor(task),
    last_error: task.last_error,
    trace_url: task.again ? null : traceUrlOf(traceUrl, task.traceparent),
    problems: task.again ? [] : problemsOf(task),
    ...(task.again ? nothingDone : worksOf(task)),
  }
}

const worksOf = (task: TaskReport) => ({
  pages: { stored: task.pages_stored, transformed: task.pages_transformed, parked: task.pages_parked },
  records: { accepted: task.records, quarantined: task.quarantined },
  ml_jobs: { open: task.ml_open, done: task.ml_done, failed: task.ml_failed },
})

const nothingDone = {
  pages: { stored: 0, transformed: 0, parked: 0 },
  records: { accepted: 0, quarantined: 0 },
  ml_jobs: { open: 0, done: 0, failed: 0 },
}
