import { styleText } from 'node:util'
import * as z from 'zod'
import { counted } from '#functions/sync/words.ts'
import { bar, columns, number } from '../view/frame.ts'

export const Account = z.looseObject({
  id: z.string(),
  platform: z.string(),
  handle: z.string().nullable(),
  native_id: z.string().nullable(),
  status: z.string(),
  status_reason: z.string().nullable(),
  followers: z.string().nullable(),
  posts: z.int(),
  seen_at: z.string().nullable(),
  last_sync: z.string().nullable(),
})
export type Account = z.infer<typeof Account>

const Task = z.looseObject({
  handle: z.string().nullable(),
  native_id: z.string().nullable(),
  status: z.string(),
  reason: z.string().nullable(),
  waits_for: z.string().nullable(),
  problems: z.array(z.string()),
  pages: z.object({ stored: z.int(), transformed: z.int(), parked: z.int() }),
  records: z.object({ accepted: z.int(), quarantined: z.int() }),
  ml_jobs: z.object({ open: z.int(), done: z.int(), failed: z.int() }),
})
const Eta = z.object({
  on_record: z.boolean(),
  rows_at: z.string().nullable(),
  ready_at: z.string().nullable(),
  because: z.string(),
})
export const Sync = z.looseObject({
  id: z.string(),
  state: z.string(),
  accounts: z.int(),
  tasks: z.array(Task),
  eta: Eta.nullable(),
})
export type Sync = z.infer<typeof Sync>

export const SyncLine = z.looseObject({
  id: z.string(),
  state: z.string(),
  origin: z.string(),
  mode: z.string(),
  created_at: z.string(),
  tasks: z.int(),
  accounts: z.array(z.string()),
})

/** The body of a request to sync, or to plan one. */
export const wanted = (
  named: { readonly platform?: string; readonly handle: string },
  { full, backfill }: { readonly full: boolean; readonly backfill: boolean },
) => ({
  ...named,
  mode: full ? 'full' : 'incremental',
  lane: backfill ? 'backfill' : 'ad-hoc',
})

const nameOf = ({ handle, native_id }: Pick<Account, 'handle' | 'native_id'>) =>
  handle === null ? (native_id ?? '?') : `@${handle}`
export const head = (names: readonly string[]) => names.map((name) => styleText('bold', name))
export const day = (text: string | null) => text?.slice(0, 16).replace('T', ' ') ?? 'never'

const followersOf = ({ followers, seen_at }: Account) => {
  if (seen_at === null) return 'not read'
  return followers === null ? 'hidden' : number(Number(followers))
}

export const accountsText = (accounts: readonly Account[]) =>
  columns(
    [
      head(['id', 'platform', 'account', 'status', 'posts', 'followers', 'seen (UTC)', 'last sync', '']),
      ...accounts.map((account) => [
        ...[account.id, account.platform, nameOf(account), account.status, number(account.posts)],
        followersOf(account),
        ...[day(account.seen_at), account.last_sync ?? 'none', account.status_reason ?? ''],
      ]),
    ],
    [4, 5],
  )

export const syncsText = (syncs: readonly z.infer<typeof SyncLine>[]) =>
  columns([
    head(['id', 'asked (UTC)', 'by', 'mode', 'state', 'accounts']),
    ...syncs.map(({ id, created_at, origin, mode, state, tasks, accounts }) => [
      ...[id, day(created_at), origin, mode, state],
      `${accounts.join(', ')}${tasks > accounts.length ? ` and ${tasks - accounts.length} more` : ''}`,
    ]),
  ])

/** One line of where a sync stands, with a bar over what is known of its work. */
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
  const rows = rows_at ? `on record about ${day(rows_at)} UTC` : 'nobody can tell when it is on record'
  return [
    on_record ? 'posts are on record' : rows,
    ready_at ? `all ready about ${day(ready_at)} UTC` : 'nobody can tell when all is ready',
  ]
}

const isIncomplete = ({ problems }: Sync['tasks'][number]) => problems.length > 0

/** Whether it ended, or goes on, without anything that a person should look at. */
export const isWell = ({ state, tasks }: Sync) =>
  !['failed', 'incomplete', 'cancelled'].includes(state) && !tasks.some(isIncomplete)

/** What to do about a sync that is not as it should be. */
function nextStep({ id, state, tasks }: Sync): string[] {
  const isLookedAt = tasks.some(
    ({ pages, records, ml_jobs }) => pages.parked + records.quarantined + ml_jobs.failed > 0,
  )
  if (isLookedAt) return ['', '  Next   npx social-sync parked']
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
