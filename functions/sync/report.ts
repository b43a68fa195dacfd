import type * as z from 'zod'
import type { TaskReport } from '#shared/db/views/job-report.ts'
import { isForPeople } from '#shared/language/waits.ts'
import type { TaskView } from './api/task.ts'
import type { Eta } from './forecast/eta.ts'
import type { ApiWords } from './language.ts'
import { traceUrlOf } from './trace-url.ts'
import { byCause, waitOf } from './words.ts'

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
function waitsFor(task: TaskReport, words: ApiWords): string | null {
  const { t } = words
  if (task.again) return t('said.syncUnderWay')
  if (task.status === 'queued') return t('said.turn')
  if (task.status === 'extracting') return t('said.answers')
  if (task.status === 'waiting') {
    const what = waitOf(task.reason, words)
    return isForPeople(task.reason) ? what : t('said.until', { what, at: task.run_at.toISOString() })
  }
  if (task.status === 'transforming') return t('said.pagesToRead', { count: task.pages_stored })
  if (task.status !== 'enriching') return null
  const count = task.ml_open
  return task.ml_next_at
    ? t('said.mlJobsAsked', { count, at: task.ml_next_at.toISOString() })
    : t('said.mlJobs', { count })
}

/** What is not as it should be, in plain words. */
function problemsOf(task: TaskReport, words: ApiWords): string[] {
  const { t } = words
  const isEnded = ['done', 'failed'].includes(task.status)
  const of = (count: number, key: Parameters<typeof t>[0], causes: Readonly<Record<string, number>> = {}) =>
    count > 0 ? [t(key, { count, causes: byCause(causes, words) })] : []
  return [
    ...(task.last_error ? [words.translated(task.last_error)] : []),
    // What an earlier release took for done.
    ...(task.is_not_found && !task.last_error ? [t('said.notFound')] : []),
    ...of(task.pages_parked, 'said.pagesParked'),
    ...of(task.quarantined, 'said.recordsRefused', task.refused),
    ...of(task.ml_failed, 'said.mlFailed', task.ml_causes),
    // Pages read out of order have some; answers that are all old were dated by a clock that had been set back.
    ...of(task.stale > task.records ? task.stale : 0, 'said.stale'),
    ...of(isEnded ? task.pages_dropped : 0, 'said.pagesDropped'),
  ]
}

/** @param traceUrl where traces are looked at, as the setting TRACE_URL has it */
export function taskView(
  task: TaskReport,
  traceUrl: string | undefined,
  words: ApiWords,
): z.infer<typeof TaskView> {
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
    waits_for: waitsFor(task, words),
    last_error: task.last_error,
    trace_url: task.again ? null : traceUrlOf(traceUrl, task.traceparent),
    problems: task.again ? [] : problemsOf(task, words),
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
