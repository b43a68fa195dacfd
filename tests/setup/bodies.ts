import { hash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { openYdbBodies } from '#shared/cloud/ydb.ts'
import { type BodyStore, outside } from '#shared/db/body-store.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { insertPages } from '#shared/db/tables/new-pages.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { openYdb } from '../../local/simulators/ydb/server.ts'
import { worldNow } from './database.ts'

export const log = openLogger({ level: 'silent', fields: {}, secrets: [] })
export type Ydb = Awaited<ReturnType<typeof openYdb>>

/** A store over a YDB of the test's own. */
export async function openFar(options: Parameters<typeof openYdb>[0] = {}, limitMs = 3_000) {
  const ydb = await openYdb({ now: worldNow, ...options })
  const far = openYdbBodies({ url: ydb.url, limitMs })
  onTestFinished(async () => {
    await far.close()
    await ydb.close()
  })
  return { ydb, far, store: outside(far, { puts: true }) }
}

/** An account with a task, and pages of these texts, kept as extract keeps them. */
export async function keepPages(
  db: Db,
  store: BodyStore,
  texts: readonly string[],
  atEnd: () => Promise<void> = async () => undefined,
) {
  await db.rows(sql`
    insert into accounts (platform, handle, handle_norm, native_id, access_mode) values ('youtube', 'a', 'a', 'UC1', 'public_key') on conflict do nothing`)
  const [task] = await db.rows<{ id: string; account_id: string }>(sql`
    insert into sync_tasks (account_id, platform, lane, mode, status, walk_outcome, walk_ended_at)
    select id, platform, 'schedule', 'full', 'enriching', 'partial', app_now() from accounts returning id, account_id`)
  const ids = {
    sync_task_id: task?.id ?? '',
    account_id: task?.account_id ?? '',
    platform: 'youtube' as const,
  }
  const pages = texts.map((text, index) => {
    const body = Buffer.from(text)
    const about = { body, body_bytes: body.length, body_sha256: hash('sha256', body), nul_count: 0 }
    const place = { endpoint: 'videos', walk: 1, page_no: index + 1, lane: 'schedule' as const }
    return { ...ids, ...place, ...about, traceparent: null, asked: null, age_ms: 0 }
  })
  const keys = await store.put(db, pages)
  await db.transaction(async (tx) => {
    await insertPages(
      tx,
      pages.map((page, index) => ({ ...page, body_key: keys[index] ?? null })),
    )
    await atEnd()
  })
}

export const texts = ['{"a": 1}', `{"b": "${'б'.repeat(100_000)}"}`, '']
export const linesOf = (db: Db) =>
  db.rows<{ id: string; body_key: string | null }>(sql`select id, body_key from raw_pages order by id`)
