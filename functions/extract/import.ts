import { hash } from 'node:crypto'
import { createImportTasks, keptAlready, makePartitionsFor } from '#shared/db/operations/import.ts'
import type { Db, Queryable } from '#shared/db/pool.ts'
import { accountsOfNames, followAccounts, holdAccounts } from '#shared/db/tables/accounts.ts'
import { erasedAmong, type HashHandle } from '#shared/db/tables/erasures.ts'
import { insertPages, type NewPage } from '#shared/db/tables/new-pages.ts'
import { clock } from '#shared/db/views/clock.ts'
import { foldHandle } from '#shared/model/account.ts'
import type { ImportedPage } from '#shared/platforms/imported-page.ts'
import { platformOf } from '#shared/platforms/index.ts'
import { storable } from './body.ts'

export interface Imported {
  readonly kept: number
  /** Kept by an earlier import, or by a sync, and not purged since. */
  readonly known: number
  /** Of a time still to come, or of an account that was erased. */
  readonly refused: number
}

/**
 * Stores answers that another program requested, by the same path as all answers: each account is followed (`import`: it is never
 * asked about by us, unless it was followed before), gets a task, and its pages are stored to be transformed like any
 * other; the partitions of their times are made first. Repeated, it keeps nothing twice. The caller rings transform, or
 * poll does within its next ticks.
 * @param hashHandle by which erased accounts are known; null: by their native ids only
 */
export async function importPages(
  db: Db,
  pages: readonly ImportedPage[],
  hashHandle: HashHandle | null,
): Promise<Imported> {
  const allowed = await withoutRefused(db, pages, hashHandle)
  if (allowed.length === 0) return { kept: 0, known: 0, refused: pages.length }
  const times = allowed.map((page) => page.fetched_at.getTime())
  return db.transaction(async (tx) => {
    await makePartitionsFor(tx, new Date(Math.min(...times)), new Date(Math.max(...times)))
    const owned = await withAccounts(tx, allowed)
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

async function withoutRefused(
  db: Db,
  pages: readonly ImportedPage[],
  hashHandle: HashHandle | null,
): Promise<ImportedPage[]> {
  const now = await clock(db)
  const given = [...byName(pages)].flatMap(([key, { platform, handle, native_id }]) =>
    [handle, native_id].flatMap((name) => (name === undefined ? [] : [{ key, platform, name: bare(name) }])),
  )
  const places = await erasedAmong(db, given, hashHandle)
  const erased = new Set(given.flatMap(({ key }, place) => (places.has(place) ? [key] : [])))
  return pages.filter((page) => page.fetched_at <= now && !erased.has(nameOf(page)))
}

interface OwnedPage extends Omit<ImportedPage, 'body'> {
  readonly body: Buffer
  readonly account_id: string
  readonly body_sha256: string
  readonly nul_count: number
}

async function withAccounts(tx: Queryable, pages: readonly ImportedPage[]): Promise<OwnedPage[]> {
  const named = [...byName(pages)].map(([key, { platform, handle, native_id }]) => ({
    ...{ key, platform, access_mode: 'import' as const },
    handle: handle === undefined ? null : bare(handle),
    native_id: native_id ?? null,
  }))
  await followAccounts(tx, named)
  const byPlace = await accountsOfNames(tx, named)
  const ids = new Map(named.map(({ key }, place) => [key, byPlace.get(place)]))
  return pages.flatMap((page) => {
    const account_id = ids.get(nameOf(page))
    if (account_id === undefined) return []
    const { bytes, nuls: nul_count } = storable(platformOf(page.platform).scrub(page.body))
    return [{ ...page, body: bytes, account_id, body_sha256: hash('sha256', bytes), nul_count }]
  })
}

const bare = (handle: string) => handle.replace(/^@/, '')

const nameOf = ({ platform, handle, native_id }: ImportedPage) =>
  `${platform} ${native_id ?? ''} ${foldHandle(bare(handle ?? ''))}`

const byName = (pages: readonly ImportedPage[]) => new Map(pages.map((page) => [nameOf(page), page]))

/** A file may hold a line twice. */
function unique(pages: readonly OwnedPage[]): OwnedPage[] {
  const key = ({ account_id, endpoint, fetched_at, body_sha256 }: OwnedPage) =>
    `${account_id} ${endpoint} ${fetched_at.getTime()} ${body_sha256}`
  return [...new Map(pages.map((page) => [key(page), page])).values()]
}

/** Pages as the ledger keeps them, numbered by task and endpoint. */
function numbered(pages: readonly OwnedPage[], tasks: ReadonlyMap<string, string>): NewPage[] {
  const numbers = new Map<string, number>()
  return pages.map(({ account_id, platform, endpoint, fetched_at, body, body_sha256, nul_count }) => {
    const key = `${account_id} ${endpoint}`
    const page_no = (numbers.get(key) ?? 0) + 1
    numbers.set(key, page_no)
    return {
      ...{ sync_task_id: tasks.get(account_id) ?? '', account_id, platform, endpoint, walk: 1, page_no },
      ...{
        lane: 'backfill' as const,
        traceparent: null,
        body,
        body_bytes: body.length,
        body_sha256,
        body_key: null,
      },
      ...{ nul_count, asked: null, age_ms: 0, fetched_at },
    }
  })
}
