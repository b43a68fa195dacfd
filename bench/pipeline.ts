import { take } from '#functions/extract/hand.ts'
import { keep } from '#functions/extract/keep.ts'
import { transform } from '#functions/transform/step.ts'
import { finishTasks } from '#shared/db/finish-tasks.ts'
import type { Db } from '#shared/db/pool.ts'
import { claimPages } from '#shared/db/raw-pages.ts'
import { sql } from '#shared/db/sql.ts'
import { type ClaimedTask, claimTasks } from '#shared/db/sync-tasks.ts'
import type { Connector } from '#shared/platforms/platform.ts'
import type { BenchAccount } from './pages.ts'

const models = { text: 'text-v1', image: 'image-v1' }
const pagesPerTransaction = 10
const pagesPerBatch = 100
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
    const claimed = await claimTasks(db, 'youtube', 'others', 500, 3_600)
    if (claimed.length === 0) return tasks
    for (const task of claimed) tasks.set(task.native_id ?? '', task)
  }
}

/** Pages in memory to committed rows, as extract keeps them and transform writes them, at once and side by side. */
export async function runPipeline(
  db: Db,
  accounts: readonly BenchAccount[],
  tasks: ReadonlyMap<string, ClaimedTask>,
): Promise<void> {
  const state = { kept: false }
  await Promise.all([
    keepAll(db, accounts, tasks).finally(() => {
      state.kept = true
    }),
    ...Array.from({ length: transformers }, () => transformAll(db, state)),
  ])
}

async function keepAll(
  db: Db,
  accounts: readonly BenchAccount[],
  tasks: ReadonlyMap<string, ClaimedTask>,
): Promise<void> {
  const deps = { db, leaseS: 3_600, connector: { platform: 'youtube' } as Connector } as Parameters<
    typeof keep
  >[0]
  const hands = accounts.flatMap((account) => {
    const task = tasks.get(account.id)
    return task ? [{ account, hand: take({ ...task, token: null }) }] : []
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

async function transformAll(db: Db, state: { readonly kept: boolean }): Promise<void> {
  for (;;) {
    const over = state.kept
    const pages = await claimPages(db, { pages: pagesPerBatch, bytes: 8_000_000 })
    if (pages.length > 0) {
      await transform(db, pages, models)
      await finishTasks(
        db,
        pages.map((page) => page.sync_task_id),
      )
    } else if (over) return
    else await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
