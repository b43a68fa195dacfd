import { createHash } from 'node:crypto'
import * as z from 'zod'
import { finishTasks } from '#shared/db/operations/finish-tasks.ts'
import { createJob, holdToAsk, jobOfKey, joinOrCreateTask } from '#shared/db/operations/sync-jobs.ts'
import type { Db, Queryable } from '#shared/db/pool.ts'
import { accountsNumbered } from '#shared/db/tables/accounts.ts'
import { note } from '#shared/db/tables/audit-log.ts'
import { Problem } from '#shared/http/problem.ts'
import type { Platform } from '#shared/model/account.ts'
import { SyncMode } from '#shared/model/sync.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { currentTraceparent } from '#shared/telemetry/span.ts'
import { Id } from './api/page.ts'
import {
  type AccountName,
  checkFollowed,
  erased,
  type Followed,
  type Following,
  readNamed,
} from './follow.ts'
import { accountOf, followMany } from './follow-many.ts'

const Account = z.strictObject({
  platform: PlatformName.optional(),
  handle: z.string().trim().min(1).max(300).optional(),
  account_id: Id.optional().describe('an account that is followed, in place of platform and handle'),
})

/**
 * What a caller may ask for: one account by `platform` and `handle`, or by `account_id`, or up to a hundred as `accounts`.
 * A handle is given with or without @, or as the address of the account's page, which names its platform; YouTube also by
 * channel id.
 */
export const StartSync = z
  .strictObject({
    ...Account.shape,
    accounts: z.array(Account).min(1).max(100).optional(),
    mode: SyncMode.default('incremental'),
    lane: z
      .enum(['ad-hoc', 'backfill'])
      .default('ad-hoc')
      .describe('backfill: leaves a fifth of each quota to other syncs, and lets them go first'),
  })
  .transform(({ accounts, mode, lane, ...alone }, context) => {
    const fault = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    if (accounts && Object.values(alone).some((given) => given !== undefined))
      fault(['accounts'], 'name one account, or many here')
    const asked = (accounts ?? [alone]).flatMap((one, index) => {
      const place = accounts ? ['accounts', index] : []
      return readAsked(one, (path, message) => fault([...place, path], message)) ?? []
    })
    return { accounts: asked, mode, lane }
  })
export type StartSync = z.infer<typeof StartSync>

/** By its id, or by its name; undefined: a fault was reported. */
function readAsked(
  { platform, handle, account_id }: z.infer<typeof Account>,
  fault: (path: string, message: string) => void,
): AccountName | Followed | undefined {
  if (account_id !== undefined && (platform ?? handle) === undefined) return { account_id }
  if (account_id !== undefined)
    fault('account_id', 'name the account by its number, or by platform and handle')
  else if (handle === undefined) fault(platform ? 'handle' : 'platform', 'name the account')
  else return readNamed({ platform, handle }, fault)
  return undefined
}

export interface Started {
  readonly jobId: string
  /** Whose extract is to be rung: none when this request had been made before with the same key. */
  readonly platforms: ReadonlySet<Platform>
}

/** Who asks, under which Idempotency-Key, and what decides who may be followed. */
export interface Asking extends Following {
  readonly actor: string
  readonly key: string | undefined
}

/**
 * Makes the request, follows accounts that are new here, and joins or creates their tasks, all in one transaction.
 * A repeated key with the same body gives the request made before; with another body a Problem 409.
 */
export async function startSync(db: Db, asked: StartSync, asking: Asking): Promise<Started> {
  const requestHash = hashOfRequest(asked)
  const { again, ...started } = await db.transaction(async (tx) => {
    const jobId = await createJob(tx, {
      origin: asked.lane === 'backfill' ? 'backfill' : 'http',
      mode: asked.mode,
      idempotencyKey: keyOf(asking),
      requestHash: asking.key === undefined ? null : requestHash,
    })
    if (jobId === undefined)
      return {
        jobId: await madeBefore(tx, asking, requestHash),
        platforms: new Set<Platform>(),
        again: [],
      }
    const accountIds = await followAll(tx, asked.accounts, asking)
    const joined = await joinAll(tx, jobId, accountIds, asked)
    // Erased since it was followed: nothing is begun for the others either.
    if (joined.accounts < accountIds.length) throw erased()
    const details = { accounts: joined.accounts }
    await note(tx, { actor: asking.actor, action: 'sync', about: `sync ${jobId}`, details })
    return { jobId, platforms: joined.platforms, again: joined.again }
  })
  // What was walked before may be at its end already: then the next task is made now.
  await finishTasks(db, again)
  return started
}

export const hashOfRequest = (asked: object): string =>
  createHash('sha256').update(JSON.stringify(asked)).digest('hex')

/** The numbers of all, those named followed from now on. Throws the Problem of the first that is refused. */
async function followAll(
  tx: Queryable,
  accounts: readonly (AccountName | Followed)[],
  following: Following,
): Promise<readonly string[]> {
  const numbers = accounts.flatMap((one) => ('account_id' in one ? [one.account_id] : []))
  const known = await accountsNumbered(tx, numbers, following.reach)
  const named = accounts.flatMap((one) => ('account_id' in one ? [] : [one]))
  const outcomes = new Map(
    (await followMany(tx, named, following)).map((outcome, place) => [named[place], outcome]),
  )
  const idOf = async (one: AccountName | Followed) => {
    if ('account_id' in one) return checkFollowed(known.get(one.account_id)).id
    return accountOf(outcomes.get(one)).id
  }
  const ids = new Set<string>()
  for (const [index, one] of accounts.entries()) ids.add(await atPlace(accounts, index, () => idOf(one)))
  return [...ids]
}

/** Does it for one of several accounts; a refusal then names the place of that one. */
export async function atPlace<T>(
  accounts: readonly unknown[],
  index: number,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (accounts.length === 1 || !(error instanceof Problem)) throw error
    const { status, code, message, fields } = error
    const placed = fields.map((one) => ({ ...one, field: `accounts.${index}.${one.field}` }))
    throw new Problem(status, code, message, placed)
  }
}

/**
 * Joins or creates the task of each account that is not erased. Returns how many these are, on which platforms, and the
 * tasks whose walk is to be followed by another one.
 */
export async function joinAll(
  tx: Queryable,
  jobId: string,
  accountIds: readonly string[],
  { mode, lane }: Pick<StartSync, 'mode' | 'lane'>,
): Promise<{ accounts: number; platforms: ReadonlySet<Platform>; again: string[] }> {
  const held = await holdToAsk(tx, accountIds)
  const traceparent = currentTraceparent()
  const again = []
  for (const { id: accountId } of held) {
    const joined = await joinOrCreateTask(tx, { accountId, mode, lane, jobId, traceparent })
    if (joined.again) again.push(joined.taskId)
  }
  return { accounts: held.length, platforms: new Set(held.map(({ platform }) => platform)), again }
}

/** A key means what its caller used it for. null: none was given. */
export const keyOf = ({ actor, key }: Pick<Asking, 'actor' | 'key'>) =>
  key === undefined ? null : `${actor} ${key}`

/** The request that this caller made earlier with this key. Throws a Problem 409 when that was another one. */
export async function madeBefore(
  tx: Queryable,
  asking: Pick<Asking, 'actor' | 'key'>,
  requestHash: string,
): Promise<string> {
  const earlier = await jobOfKey(tx, keyOf(asking))
  if (earlier?.request_hash === requestHash) return earlier.id
  throw new Problem(409, 'idempotency_key_reused', 'this Idempotency-Key was used with another body')
}
