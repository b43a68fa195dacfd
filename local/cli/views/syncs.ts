import { styleText } from 'node:util'
import type * as z from 'zod'
import type { SyncLine, SyncView } from '#functions/sync/api/sync.ts'
import { bar, columns, number } from '../../view/frame.ts'
import { counted, day, head, nameOf } from './text.ts'

export type Sync = z.output<typeof SyncView>

export const syncsText = (syncs: readonly z.output<typeof SyncLine>[]) =>
  columns([
    head(['id', 'requested (UTC)', 'by', 'mode', 'state', 'accounts']),
    ...syncs.map(({ id, created_at, origin, mode, state, tasks, accounts }) => [
      ...[id, day(created_at), origin, mode, state],
      `${accounts.join(', ')}${tasks > accounts.length ? ` and ${tasks - accounts.length} more` : ''}`,
    ]),
  ])

/** The progress of a sync on one line, with a bar over its known work. */
export function progressText({ state, tasks, eta }: Sync): string {
  const sum = (of: (task: Sync['tasks'][number]) => number) =>
    tasks.reduce((total, task) => total + of(task), 0)
  const done = sum(({ pages, ml_jobs }) => pages.transformed + ml_jobs.done + ml_jobs.failed)
  const all = done + sum(({ pages, ml_jobs }) => pages.stored + ml_jobs.open)
  const waits = tasks.flatMap(({ waits_for }) => waits_for ?? [])
  const because = waits[0] ? `: waits for ${waits[0]}` : ''
  return [`${bar(done, all)} ${state}${because}`, ...etaOf(eta)].join(', ')
}

/** When the rows are on record, and when all is ready. */
function etaOf(eta: Sync['eta']): string[] {
  if (eta === null) return []
  const { on_record, rows_at, ready_at } = eta
  const rows = rows_at ? `on record about ${day(rows_at)} UTC` : 'when it is on record cannot be estimated'
  return [
    on_record ? 'posts are on record' : rows,
    ready_at ? `all ready about ${day(ready_at)} UTC` : 'when all is ready cannot be estimated',
  ]
}

const isIncomplete = ({ problems }: Sync['tasks'][number]) => problems.length > 0

/** false: a person should look at it. */
export const isWell = ({ state, tasks }: Sync) =>
  !['failed', 'incomplete', 'cancelled'].includes(state) && !tasks.some(isIncomplete)

/** The command that mends the sync. */
function nextStep({ id, state, tasks }: Sync): string[] {
  const isParked = tasks.some(
    ({ pages, records, ml_jobs }) => pages.parked + records.quarantined + ml_jobs.failed > 0,
  )
  if (isParked) return ['', '  Next   npx social-sync parked']
  const failed = tasks.filter(({ status }) => status === 'failed')
  const [first] = failed
  const name = first && `${first.platform}:${first.handle ?? first.native_id}`
  if (first?.account_status === 'reauth_required')
    return ['', `  Next   npx social-sync connect ${first.platform} --account ${name}`]
  if (first?.account_status === 'missing' && failed.length === tasks.length)
    return ['', `  Next   npx social-sync unfollow ${name}   if its name is right`]
  return ['failed', 'cancelled'].includes(state) ? ['', `  Next   npx social-sync retry ${id}`] : []
}

export function syncText(sync: Sync): string {
  const { state, accounts, tasks, eta } = sync
  const lines = columns([
    ...tasks.map((task) => [
      nameOf(task),
      task.reason === 'incomplete' ? 'incomplete' : task.status,
      `${counted(task.pages.transformed, 'page')}, ${counted(task.records.accepted, 'record')}`,
      counted(task.ml_jobs.done, 'ML job'),
      task.waits_for ? `waits for ${task.waits_for}` : '',
    ]),
    ...(accounts > tasks.length ? [[`and ${number(accounts - tasks.length)} more`]] : []),
    ['', styleText('bold', state), etaOf(eta).join(', ')],
  ])
  const problems = tasks.flatMap((task) => task.problems.map((problem) => ['!', nameOf(task), problem]))
  return [lines, ...(problems.length > 0 ? [columns(problems)] : []), ...nextStep(sync)].join('\n')
}
