import { hash } from 'node:crypto'
import { accountOfHandle, followAccounts, holdAccounts } from '#shared/db/accounts.ts'
import { clock, createImportTasks, keptAlready, makePartitionsFor } from '#shared/db/import.ts'
import type { Db, Queryable } from '#shared/db/pool.ts'
import { insertPages, type NewPage } from '#shared/db/raw-pages.ts'
import type { ImportedPage } from '#shared/model/import.ts'
import { storable } from './body.ts'

export interface Imported {
  readonly kept: number
  /** Kept by an earlier import, or by a sync. */
  readonly known: number
  /** Of a time still to come, or of an account that was erased at this moment. */
  readonly refused: number
}

/**
 * Keeps answers that somebody else asked for, by the door of all answers: each account is followed (`import`: it is never
 * asked about by us, unless it was followed before), gets a task, and its pages are stored to be transformed like any
 * other; the partitions of their times are made first. Repeated, it keeps nothing twice. The caller rings transform, or
 * poll does within its next ticks.
 */
export async function importPages(db: Db, pages: readonly ImportedPage[]): Promise<Imported> {
  const past = await onlyPast(db, pages)
  if (past.length === 0) return { kept: 0, known: 0, refused: pages.length }
  const times = past.map((page) => page.fetched_at.getTime())
  await makePartitionsFor(db, new Date(Math.min(...times)), new Date(Math.max(...times)))
  return db.transaction(async (tx) => {
    const owned = await withAccounts(tx, past)
    const alive = await holdAccounts(
      tx,
      owned.map(({ account_id }) => account_id),
    )
    const living = owned.filter(({ account_id }) => alive.has(account_id))
    const ours = unique(living)
    const known = await keptAlready(tx, ours)
    const fresh = ours.filter((_page, place) => !known.has(place))
    const tasks = await createImportTasks(tx, [...new Set(fresh.map(({ account_id }) => account_id))])
    await insertPages(tx, numbered(fresh, tasks))
    const refused = pages.length - living.length
    return { kept: fresh.length, known: pages.length - refused - fresh.length, refused }
  })
}

async function onlyPast(db: Db, pages: readonly ImportedPage[]): Promise<ImportedPage[]> {
  const now = await clock(db)
  return pages.filter((page) => page.fetched_at <= now)
}

interface OwnedPage extends ImportedPage {
  readonly account_id: string
  readonly body_sha256: string
}

async function withAccounts(tx: Queryable, pages: readonly ImportedPage[]): Promise<OwnedPage[]> {
  const names = new Map(pages.map((page) => [nameOf(page), page]))
  await followAccounts(
    tx,
    [...names.values()].map(({ platform, handle, native_id }) => ({
      platform,
      handle: handle?.replace(/^@/, '') ?? null,
      native_id: native_id ?? null,
      access_mode: 'import' as const,
    })),
  )
  const ids = new Map<string, string>()
  for (const [name, { platform, handle, native_id }] of names) {
    const account = await accountOfHandle(tx, platform, native_id ?? handle?.replace(/^@/, '') ?? '')
    if (account) ids.set(name, account.id)
  }
  return pages.flatMap((page) => {
    const account_id = ids.get(nameOf(page))
    return account_id === undefined
      ? []
      : [{ ...page, account_id, body_sha256: hash('sha256', storable(page.body).text) }]
  })
}

const nameOf = ({ platform, handle, native_id }: ImportedPage) =>
  `${platform} ${native_id ?? handle?.replace(/^@/, '').toLowerCase()}`

/** A file may hold a line twice. */
function unique(pages: readonly OwnedPage[]): OwnedPage[] {
  const key = ({ account_id, endpoint, fetched_at, body_sha256 }: OwnedPage) =>
    `${account_id} ${endpoint} ${fetched_at.getTime()} ${body_sha256}`
  return [...new Map(pages.map((page) => [key(page), page])).values()]
}

/** Pages as the ledger keeps them, numbered by task and endpoint. */
function numbered(pages: readonly OwnedPage[], tasks: ReadonlyMap<string, string>): NewPage[] {
  const numbers = new Map<string, number>()
  return pages.map(({ account_id, platform, endpoint, fetched_at, body, body_sha256 }) => {
    const key = `${account_id} ${endpoint}`
    const page_no = (numbers.get(key) ?? 0) + 1
    numbers.set(key, page_no)
    const { text, nuls } = storable(body)
    return {
      ...{ sync_task_id: tasks.get(account_id) ?? '', account_id, platform, endpoint, walk: 1, page_no },
      ...{
        lane: 'backfill' as const,
        traceparent: null,
        body: text,
        body_bytes: Buffer.byteLength(text),
        body_sha256,
      },
      ...{ nul_count: nuls, asked: null, age_ms: 0, fetched_at },
    }
  })
}
