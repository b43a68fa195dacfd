import * as z from 'zod'
import type { TaskReport } from '#shared/db/sync-jobs.ts'
import { Platform } from '#shared/model/account.ts'
import type { Eta } from './eta.ts'

type State = 'running' | 'waiting' | 'done' | 'incomplete' | 'failed' | 'cancelled'

/**
 * The state of a request, from its tasks: open while one is open, waiting when all open ones wait; then the worst of
 * them. Nobody is left of one whose only account was erased.
 */
export function stateOf(tasks: readonly Pick<TaskReport, 'status' | 'reason' | 'again'>[]): State {
  const open = tasks.filter((task) => task.again || !['done', 'failed', 'cancelled'].includes(task.status))
  if (open.length > 0) return open.every((task) => task.status === 'waiting') ? 'waiting' : 'running'
  if (tasks.some((task) => task.status === 'failed')) return 'failed'
  if (tasks.some((task) => task.reason === 'incomplete')) return 'incomplete'
  return tasks.some((task) => task.status === 'cancelled') ? 'cancelled' : 'done'
}

export const isOpen = (state: State) => state === 'running' || state === 'waiting'

export const etaView = ({ rows_at, ready_at, because }: Eta) => ({
  rows_at: rows_at?.toISOString() ?? null,
  ready_at: ready_at?.toISOString() ?? null,
  because,
})

/** What a task waits for, in plain words; null when it waits for nothing. */
function waitsFor(task: TaskReport): string | null {
  if (task.again) return 'the sync under way; this one begins when it has been read'
  if (task.status === 'queued') return 'its turn'
  if (task.status === 'extracting') return 'answers of the platform'
  if (task.status === 'waiting') return `${task.reason ?? 'retry'}, until ${task.run_at.toISOString()}`
  if (task.status === 'transforming') return `${task.pages_stored} pages to be read`
  if (task.status !== 'enriching') return null
  const next = task.ml_next_at ? `, asked next at ${task.ml_next_at.toISOString()}` : ''
  return `${task.ml_open} ML jobs${next}`
}

/** One account of a sync as the API shows it. */
export const TaskView = z.object({
  id: z.string(),
  account_id: z.string(),
  platform: Platform,
  handle: z.string().nullable(),
  native_id: z.string().nullable(),
  status: z.string(),
  reason: z.string().nullable(),
  waits_for: z.string().nullable(),
  last_error: z.string().nullable(),
  pages: z.object({ stored: z.int(), transformed: z.int(), parked: z.int() }),
  records: z.object({ accepted: z.int(), quarantined: z.int() }),
  ml_jobs: z.object({ open: z.int(), done: z.int(), failed: z.int() }),
})

export function taskView(task: TaskReport): z.infer<typeof TaskView> {
  return {
    id: task.id,
    account_id: task.account_id,
    platform: task.platform,
    handle: task.handle,
    native_id: task.native_id,
    status: task.status,
    reason: task.reason,
    waits_for: waitsFor(task),
    last_error: task.last_error,
    pages: { stored: task.pages_stored, transformed: task.pages_transformed, parked: task.pages_parked },
    records: { accepted: task.records, quarantined: task.quarantined },
    ml_jobs: { open: task.ml_open, done: task.ml_done, failed: task.ml_failed },
  }
}
