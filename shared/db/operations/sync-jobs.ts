import type { Platform } from '../../model/account.ts'
import type { Lane, SyncMode } from '../../model/sync.ts'
import type { Db, Queryable } from '../pool.ts'
import { type Sql, sql } from '../sql.ts'
import { accountIsDue, isRefreshing } from '../tables/accounts.ts'
import { cutWalks } from '../tables/sync-tasks.ts'
import { finishTasks } from './finish-tasks.ts'

// Accounts followed on one day are not all walked on one day, so the turn comes up to three days early.
const fullWalkIsDue = (everyDays: number) => sql`
  (a.full_walk_at is null or a.full_walk_at <= app_now() - ${everyDays} * interval '1 day' + a.id % 72 * interval '1 hour')`

/**
 * Until the next sync of an account by the schedule: its interval, doubled for each sync in a row that failed or had something
 * parked, up to a day.
 */
const untilNextSync = (a: Sql) => sql`
  greatest(${a}.sync_every, least(interval '1 day', ${a}.sync_every * power(2, least(${a}.failures, 12))))`

/**
 * Ends the walks of refreshes that no run works on at this moment where more is asked for: what they have kept is
 * transformed, what is left is due again. So a refresh that waits for its quota holds up nothing. `which` is about the
 * task, as `t`, and its account, as `a`. Returns the tasks, for finishTasks.
 */
const endIdleRefreshes = (db: Queryable, which: Sql): Promise<string[]> =>
  cutWalks(
    db,
    sql`
      select t.id from sync_tasks t join accounts a on a.id = t.account_id
      where t.mode = 'refresh' and t.status in ('queued', 'waiting') and ${which}`,
  )

/** Of these tasks, ends refreshes that have to wait although their accounts were asked for meanwhile. */
export const endAskedRefreshes = (db: Queryable, taskIds: readonly string[]): Promise<string[]> =>
  endIdleRefreshes(db, sql`t.again and t.id = any(${[...taskIds]}::bigint[])`)

/**
 * Makes one request and one task per account that is due, and moves `next_sync_at` on, in one statement; every so
 * many days an account is walked whole. One that is walking already is only moved on. Returns the tasks that were made.
 */
export async function createDueTasks(
  db: Db,
  platform: Platform,
  { limit, fullWalkDays }: { readonly limit: number; readonly fullWalkDays: number },
): Promise<string[]> {
  await finishTasks(db, await endIdleRefreshes(db, accountIsDue(platform)))
  const made = await db.rows<{ id: string }>(sql`
    with due as (
      select a.id, ${fullWalkIsDue(fullWalkDays)} as whole from accounts a
      where ${accountIsDue(platform)} and not ${isRefreshing(['queued', 'waiting'])}
      order by a.priority desc, a.next_sync_at, a.id limit ${limit} for no key update of a skip locked
    ), moved as (
      update accounts a set next_sync_at = app_now() + ${untilNextSync(sql`a`)}
      from due where a.id = due.id returning a.id, due.whole
    ), job as (
      insert into sync_jobs (origin, mode)
      select 'schedule', 'incremental' where exists (
        select from moved m where not exists (
          select from sync_tasks t where t.account_id = m.id and t.status in ('queued', 'waiting', 'extracting', 'transforming')))
      returning id
    ), task as (
      insert into sync_tasks (account_id, platform, lane, mode)
      select id, ${platform}, 'schedule', case when whole then 'full' else 'incremental' end from moved order by id
      on conflict do nothing returning id
    ), linked as (
      insert into sync_job_tasks (sync_job_id, sync_task_id) select job.id, task.id from job, task
    )
    select id from task`)
  return made.map(({ id }) => id)
}

/**
 * Locks accounts that are to be asked about together, and then their walking tasks, in the one order of all locks.
 * Returns those that may be: neither erased nor unfollowed.
 */
export async function holdToAsk(
  tx: Queryable,
  ids: readonly string[],
): Promise<{ id: string; platform: Platform }[]> {
  const held = await tx.rows<{ id: string; platform: Platform; status: string }>(
    sql`select id, platform, status from accounts where id = any(${[...ids]}::bigint[]) order by id for no key update`,
  )
  const accounts = held.filter(({ status }) => status !== 'erased' && status !== 'unfollowed')
  await tx.rows(sql`
    select from sync_tasks where account_id = any(${accounts.map(({ id }) => id)}::bigint[])
      and status in ('queued', 'waiting', 'extracting', 'transforming') order by id for no key update`)
  return accounts
}

/** Whether an account is being read, or about to be, as far as that mode goes, or was in the last hour. null: neither. */
export async function readingOf(
  tx: Queryable,
  accountId: string,
  mode: SyncMode,
): Promise<'reading' | 'read' | null> {
  const isWalking = sql`status in ('queued', 'waiting', 'extracting', 'transforming')`
  const [found] = await tx.rows<{ is_walking: boolean }>(sql`
    select ${isWalking} as is_walking from sync_tasks
    where account_id = ${accountId} and ((${isWalking} and again and mode_rank(again_mode) >= mode_rank(${mode})) or (
      mode_rank(mode) >= mode_rank(${mode}) and (${isWalking} or walk_ended_at > app_now() - interval '1 hour')))
    order by 1 desc limit 1`)
  if (!found) return null
  return found.is_walking ? 'reading' : 'read'
}

/** Seconds that the walk of an account waits yet, for its quota or a token. null: it does not. */
export async function waitOf(db: Queryable, accountId: string): Promise<number | null> {
  const [found] = await db.rows<{ seconds: number }>(sql`
    select extract(epoch from run_at - app_now())::float8 as seconds from sync_tasks
    where account_id = ${accountId} and status = 'waiting' and run_at > app_now()`)
  return found?.seconds ?? null
}

interface JobRequest {
  readonly accountId: string
  readonly mode: SyncMode
  readonly lane: Lane
  readonly jobId: string
  /** Trace of the request. */
  readonly traceparent: string | null
}

/**
 * Asks for a sync of one account in the transaction that made the request. An account that is walking is joined: its
 * lane is raised, its mode becomes full if either asked for it. Where the walk has ended, or begun in the lesser
 * mode, `again` is set and the request follows to the next task, which finishTasks makes: to be called after the commit.
 */
export async function joinOrCreateTask(
  tx: Queryable,
  asked: JobRequest,
): Promise<{ taskId: string; again: boolean }> {
  await tx.rows(sql`select from accounts where id = ${asked.accountId} for no key update`)
  await endIdleRefreshes(tx, sql`a.id = ${asked.accountId}`)
  const [walking] = await tx.rows<{ id: string; begun: boolean; ended: boolean; less: boolean }>(sql`
    select id, cursor is not null or status = 'extracting' as begun, walk_ended_at is not null as ended,
      mode_rank(mode) < mode_rank(${asked.mode}) as less from sync_tasks
    where account_id = ${asked.accountId} and status in ('queued', 'waiting', 'extracting', 'transforming')
    for no key update`)
  const again = walking !== undefined && (walking.ended || (walking.begun && walking.less))
  const taskId = walking ? await raise(tx, walking.id, asked, again) : await create(tx, asked)
  await tx.rows(sql`
    insert into sync_job_tasks (sync_job_id, sync_task_id, again) values (${asked.jobId}, ${taskId}, ${again})`)
  return { taskId, again }
}

/** The next scheduled sync follows this one at the usual distance: nothing is asked twice. */
async function create(tx: Queryable, asked: JobRequest): Promise<string> {
  const [task] = await tx.rows<{ id: string }>(sql`
    with moved as (
      update accounts a set next_sync_at = greatest(next_sync_at, app_now() + ${untilNextSync(sql`a`)})
      where id = ${asked.accountId} returning id, platform
    )
    insert into sync_tasks (account_id, platform, lane, mode, traceparent)
    select id, platform, ${asked.lane}::lane, ${asked.mode}, ${asked.traceparent} from moved returning id`)
  if (!task) throw new Error(`no account ${asked.accountId}`)
  return task.id
}

async function raise(tx: Queryable, taskId: string, asked: JobRequest, again: boolean): Promise<string> {
  await tx.rows(sql`
    update sync_tasks set
      lane = least(lane, ${asked.lane}::lane),
      mode = case when not ${again}::boolean and mode_rank(${asked.mode}) > mode_rank(mode) then ${asked.mode} else mode end,
      again = again or ${again}::boolean,
      again_mode = case when ${again}::boolean and (again_mode is null or ${asked.mode} = 'full') then ${asked.mode} else again_mode end
    where id = ${taskId}`)
  return taskId
}

export interface NewJob {
  readonly origin: 'http' | 'backfill'
  readonly mode: SyncMode
  readonly idempotencyKey: string | null
  readonly requestHash: string | null
}

/** Makes a request; undefined when its idempotency key is known already. */
export async function createJob(tx: Queryable, job: NewJob): Promise<string | undefined> {
  const [made] = await tx.rows<{ id: string }>(sql`
    insert into sync_jobs (origin, mode, idempotency_key, request_hash)
    values (${job.origin}, ${job.mode}, ${job.idempotencyKey}, ${job.requestHash})
    on conflict (idempotency_key) do nothing returning id`)
  return made?.id
}

/** The request made earlier with this key. */
export async function jobOfKey(db: Queryable, key: string | null) {
  const [job] = await db.rows<{ id: string; request_hash: string }>(
    sql`select id, request_hash from sync_jobs where idempotency_key = ${key}`,
  )
  return job
}
