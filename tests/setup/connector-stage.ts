import * as z from 'zod'
import type { ExtractDeps } from '#functions/extract/deps.ts'
import { runExtract } from '#functions/extract/run.ts'
import { runTransform } from '#functions/transform/run.ts'
import { inPostgres } from '#shared/db/body-store.ts'
import { makePartitions } from '#shared/db/migrate.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { followAccounts } from '#shared/db/tables/accounts.ts'
import { storeCredential } from '#shared/db/tables/credentials.ts'
import type { AccessMode, Platform } from '#shared/model/account.ts'
import type { PlatformDefinition } from '#shared/platforms/definition.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import type { SimAnswer, Simulator } from '../../local/simulators/server.ts'
import { openTestDatabase } from './database.ts'
import { unstopped } from './signal.ts'

/** A platform with one account of so many posts, and the connector over it. */
interface OpenPlatform {
  readonly simulator: Simulator
  /** Settings by which the connector reaches it. */
  readonly env: Readonly<Record<string, string>>
  readonly account: { readonly handle: string | null; readonly native_id: string }
  /** Whether the token is the account's own or one that serves many; null: none is needed. */
  readonly token: { readonly access: string; readonly of: 'account' | 'many' } | null
}

export interface OpenOptions {
  readonly posts: number
  readonly now: () => Date
  /** Calls that any window of the platform holds; absent: as many as it likes. */
  readonly calls?: number | undefined
}

/** What the suite has to know of a platform to try its connector. */
export interface ConnectorCase {
  readonly definition: PlatformDefinition
  readonly access_mode: AccessMode
  readonly open: (options: OpenOptions) => Promise<OpenPlatform>
  /** The path whose second answer is a page in the middle of the list. */
  readonly listPath: string
  readonly pageSize: number
  /** The list has no other sign of its end than a page without posts. */
  readonly isEmptyPageLast?: boolean
  /** The list of items in an answer of the list, and the same answer with others. */
  readonly items: (body: unknown) => readonly unknown[]
  readonly withItems: (body: unknown, items: readonly unknown[]) => unknown
  /** How the platform refuses a place that it does not know any more; null: its places last. */
  readonly placeRefused: SimAnswer | null
  /** Every row of its error table. */
  readonly refusals: readonly { readonly name: string; readonly answer: SimAnswer }[]
  /** Makes a database fit for a platform that the product does not know. */
  readonly prepare?: (db: Db) => Promise<void>
}

/** A database of its own and the steps of the product over one connector. */
export async function openStage(it: ConnectorCase, options: Omit<OpenOptions, 'now'>) {
  const { db, clock } = await openTestDatabase()
  await it.prepare?.(db)
  const platform = await it.open({ ...options, now: () => clock.now() })
  await followAccounts(db, [
    { platform: it.definition.name, access_mode: it.access_mode, ...platform.account },
  ])
  await storeToken(db, it, platform)
  const { simulator, account } = platform
  const { name, appRemedy, access, reading, read } = it.definition
  const right = access[it.access_mode]
  if (!right) throw new Error(`${name} has no ${it.access_mode}`)
  const settings = z.object(reading).parse(platform.env) as never
  const connector = right.connector({
    fetch: (url, init) => fetch(url, init),
    settings,
    onWithdrawn: () => undefined,
  })
  const log = openLogger({ level: 'silent', fields: {}, secrets: [] })
  const extract: ExtractDeps = {
    ...{
      db,
      bodies: inPostgres,
      log,
      platform: name,
      appRemedy,
      readers: { [it.access_mode]: { token: right.token, connector } },
    },
    openSealed: async (sealed: Buffer) => sealed.toString('utf8'),
    leaseS: 90,
    taskAttempts: 8,
    lookBackMs: 7 * 86_400_000,
    fullWalkDays: 4,
    refreshDays: 0,
    random: () => 0.5,
  }
  const transform = {
    ...{ db, log, planning: null, pageAttempts: 5 },
    readBody: (_platform: Platform, endpoint: string, body: string) => read(endpoint, body),
  }
  /**
   * Extract and transform by turns until no task is open; what is waited for comes at once, and a run is stopped after so many
   * pages.
   */
  const follow = async (pagesARun: number): Promise<void> => {
    for (let turn = 0; turn < 400; turn += 1) {
      const stop = new AbortController()
      let kept = 0
      await runExtract(extract, { of: 'due', create: true }, stop.signal, async (pages) => {
        kept += pages
        if (kept >= pagesARun) stop.abort()
      })
      await runTransform(transform, { of: 'due' }, unstopped)
      const [next] = await db.rows<{ at: Date | null }>(sql`
        select min(coalesce(lease_until, run_at)) as at from sync_tasks where status not in ('done', 'failed', 'cancelled')`)
      if (!next?.at) return
      await clock.jumpTo(next.at)
    }
    const open = await db.rows(sql`
      select t.*, a.handle, a.native_id, (select count(*) from raw_pages p where p.sync_task_id = t.id and p.status = 'stored') as stored
      from sync_tasks t join accounts a on a.id = t.account_id where t.status not in ('done', 'failed', 'cancelled')`)
    throw new Error(`the sync does not end: ${JSON.stringify(open)}`)
  }
  /** A walk over everything, a moment after the last, whatever became of the account by it. */
  const sync = async (pagesARun = Number.POSITIVE_INFINITY): Promise<void> => {
    await db.rows(sql`update accounts set status = 'active', next_sync_at = app_now(), full_walk_at = null`)
    // As maintain does: a test may go through months.
    await makePartitions(db)
    await follow(pagesARun)
  }
  return { ...platform, db, clock, simulator, account, sync }
}

export type Stage = Awaited<ReturnType<typeof openStage>>

async function storeToken(db: Db, { definition }: ConnectorCase, { token }: OpenPlatform): Promise<void> {
  if (!token) return
  const account = token.of === 'account' ? await db.rows<{ id: string }>(sql`select id from accounts`) : []
  await storeCredential(db, {
    platform: definition.name,
    account_id: account[0]?.id ?? null,
    sealed: Buffer.from(JSON.stringify({ access: token.access, refresh: null })),
    access_s: null,
    refresh_s: null,
    scopes: [],
  })
}
