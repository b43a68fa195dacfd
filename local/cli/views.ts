import { styleText } from 'node:util'
import * as z from 'zod'
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
  waits_for: z.string().nullable(),
  last_error: z.string().nullable(),
  pages: z.object({ stored: z.int(), transformed: z.int(), parked: z.int() }),
  records: z.object({ accepted: z.int(), quarantined: z.int() }),
  ml_jobs: z.object({ open: z.int(), done: z.int(), failed: z.int() }),
})
const Eta = z.object({ rows_at: z.string().nullable(), ready_at: z.string().nullable(), because: z.string() })
export const Sync = z.looseObject({
  id: z.string(),
  state: z.string(),
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

export const Cause = z.looseObject({
  platform: z.string(),
  endpoint: z.string(),
  reason: z.string(),
  count: z.int(),
  sample: z.string(),
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

export const accountsText = (accounts: readonly Account[]) =>
  columns(
    [
      head(['id', 'platform', 'account', 'status', 'posts', 'followers', 'seen (UTC)', 'last sync', '']),
      ...accounts.map((account) => [
        ...[account.id, account.platform, nameOf(account), account.status, number(account.posts)],
        account.followers === null ? 'hidden' : number(Number(account.followers)),
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
  const ready = eta?.ready_at ? `, ready about ${day(eta.ready_at)} UTC` : ''
  return `${bar(done, all)} ${state}${waits[0] ? `: waits for ${waits[0]}` : ''}${ready}`
}

export const syncText = ({ state, tasks, eta }: Sync) =>
  columns([
    ...tasks.map((task) => [
      nameOf(task),
      task.status,
      `${number(task.pages.transformed)} pages, ${number(task.records.accepted)} records`,
      `${number(task.ml_jobs.done)} ML jobs`,
      [
        task.records.quarantined > 0 ? `${task.records.quarantined} refused` : '',
        task.pages.parked > 0 ? `${task.pages.parked} parked` : '',
        task.last_error ?? '',
        task.waits_for ? `waits for ${task.waits_for}` : '',
      ]
        .filter(Boolean)
        .join(', '),
    ]),
    ['', styleText('bold', state), eta?.ready_at ? `ready about ${day(eta.ready_at)} UTC` : ''],
  ])

export const causesText = (causes: readonly z.infer<typeof Cause>[]) =>
  columns(
    [
      head(['platform', 'call', 'cause', 'pages', 'for example']),
      ...causes.map(({ platform, endpoint, reason, count, sample }) => [
        ...[platform, endpoint, reason, number(count), `page ${sample}`],
      ]),
    ],
    [3],
  )
