import { takeInHand } from '#functions/extract/hand.ts'
import { keep } from '#functions/extract/keep.ts'
import { runTransform, type TransformDeps } from '#functions/transform/run.ts'
import { type BodyStore, inPostgres } from '#shared/db/body-store.ts'
import { type ClaimedTask, claimDueTasks } from '#shared/db/operations/claim-tasks.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { planning } from '../tests/setup/ml.ts'
import type { BenchAccount } from './pages.ts'

const pagesPerTransaction = 30
const transformers = 2
/** Connections the pipeline uses: one that keeps pages, and those that transform. */
export const connections = transformers + 1

/** Follows the accounts and claims a task for each, which is not part of what is measured. */
export async function prepare(db: Db, accounts: readonly BenchAccount[]): Promise<Map<string, ClaimedTask>> {
  const ids = accounts.map(({ id }) => id)
  await db.rows(sql`
    insert into accounts (platform, native_id, access_mode)
    select 'youtube', unnest(${ids}::text[]), 'public_key' on conflict do nothing`)
  await db.rows(sql`
    update sync_tasks set status = 'done', finished_at = app_now(), walk_outcome = 'whole', walk_ended_at = app_now()
    where finished_at is null`)
  await db.rows(sql`
    insert into sync_tasks (account_id, platform, lane, mode)
    select id, 'youtube', 'schedule', 'full' from accounts order by id`)
  const tasks = new Map<string, ClaimedTask>()
  for (;;) {
    const claimed = await claimDueTasks(db, 'youtube', 'others', 500, 3_600)
    if (claimed.length === 0) return tasks
    for (const task of claimed) tasks.set(task.native_id ?? '', task)
  }
}

/** Pages in memory to committed rows, as extract keeps them and transform writes them, at once and side by side. */
export async function runPipeline(
  db: Db,
  accounts: readonly BenchAccount[],
  tasks: ReadonlyMap<string, ClaimedTask>,
  bodies: BodyStore = inPostgres,
): Promise<void> {
  const state = { kept: false }
  await Promise.all([
    keepAll(db, accounts, tasks, bodies).finally(() => {
      state.kept = true
    }),
    ...Array.from({ length: transformers }, () => transformAll(db, state, bodies)),
  ])
}

export async function keepAll(
  db: Db,
  accounts: readonly BenchAccount[],
  tasks: ReadonlyMap<string, ClaimedTask>,
  bodies: BodyStore = inPostgres,
): Promise<void> {
  const deps = { db, leaseS: 3_600, platform: 'youtube', bodies, kept: { pages: 0 } } as const
  const hands = accounts.flatMap((account) => {
    const task = tasks.get(account.id)
    return task ? [{ account, hand: takeInHand({ ...task, token: null }) }] : []
  })
  const most = Math.max(...accounts.map(({ pages }) => pages.length))
  for (let page = 0; page < most; page += 1) {
    const due = hands.filter(({ account }) => page < account.pages.length)
    for (let from = 0; from < due.length; from += pagesPerTransaction) {
      await keep(
        deps,
        due.slice(from, from + pagesPerTransaction).map(({ account, hand }) => {
          const last = page === account.pages.length - 1
          const ended = last ? ('platform' as const) : null
          const cursor = { ...hand.cursor, profile: true, lookups: page + 1, ended }
          const body = account.pages[page] ?? ''
          return {
            hand,
            cursor,
            endpoint: 'videos',
            page_no: page + 1,
            body,
            asked: null,
            answeredAt: performance.now(),
          }
        }),
      )
    }
  }
}

/** Runs end when nothing is due; the last one begins after all is kept. */
export async function transformAll(
  db: Db,
  state: { readonly kept: boolean },
  bodies: BodyStore = inPostgres,
): Promise<void> {
  const log = openLogger({ level: 'error' })
  const deps: TransformDeps = { db, bodies, log, planning, pageAttempts: 5 }
  for (;;) {
    const over = state.kept
    const { pages } = await runTransform(deps, { of: 'due' }, unstopped)
    if (pages === 0 && over) return
    if (pages === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const unstopped = new AbortController().signal
