import type { AccessMode, Platform } from '../../model/account.ts'
import type { Db, Queryable } from '../pool.ts'
import { sql } from '../sql.ts'
import { wakeTasks } from './sync-tasks.ts'

/** For whom the app is refused. */
export interface FaultPlace {
  readonly platform: Platform
  readonly access_mode: AccessMode
}

export interface NewFault extends FaultPlace {
  readonly code: string
  readonly message: string
  readonly remedy: string
}

export interface OpenFault extends NewFault {
  readonly since: Date
  /** Whether it is time to see if it is mended, and else how long until then. */
  readonly is_due: boolean
  readonly wait_ms: number
}

/** What others than operators read of a fault: its message has words of the platform, which may name an account of someone else. */
export const appIsRefused = 'the app is refused'

const lookAgain = sql`app_now() + interval '1 hour'`

/** Notes that the app is refused, and when to look again; a look that is planned already is not put off. */
export async function noteFault(
  db: Queryable,
  { platform, access_mode, code, message, remedy }: NewFault,
): Promise<void> {
  await db.rows(sql`
    insert into app_faults (platform, access_mode, code, message, remedy, look_at)
    values (${platform}, ${access_mode}, ${code}, ${message}, ${remedy}, ${lookAgain})
    on conflict (platform, access_mode) do update set (code, message, remedy, last_at, look_at)
      = (excluded.code, excluded.message, excluded.remedy, app_now(),
        case when app_faults.look_at > app_now() then app_faults.look_at else excluded.look_at end)`)
}

const columns = sql`platform, access_mode, code, message, remedy, since, look_at <= app_now() as is_due,
  greatest(0, extract(epoch from look_at - app_now()) * 1000)::float8 as wait_ms`

export async function faultOf(
  db: Queryable,
  { platform, access_mode }: FaultPlace,
): Promise<OpenFault | undefined> {
  const [fault] = await db.rows<OpenFault>(sql`
    select ${columns} from app_faults where platform = ${platform} and access_mode = ${access_mode}`)
  return fault
}

export const openFaults = (db: Queryable) =>
  db.rows<OpenFault>(sql`select ${columns} from app_faults order by since, platform, access_mode`)

/**
 * Ends the fault after a good answer: deletes the refusals that it caused, and makes the tasks that waited for its end due.
 * Locks refusals, then tasks, then the fault, each in key order.
 */
export function endFault(db: Db, place: FaultPlace): Promise<void> {
  const { platform, access_mode } = place
  return db.transaction(async (tx) => {
    const fault = await faultOf(tx, place)
    if (!fault) return
    await tx.rows(sql`
      with held as (
        select r.account_id from refusals r join accounts a on a.id = r.account_id and a.status in ('active', 'missing')
        where r.platform = ${platform} and r.access_mode = ${access_mode} and r.code = ${fault.code}
        order by r.account_id for update of r
      )
      delete from refusals r using held where r.account_id = held.account_id`)
    await wakeTasks(
      tx,
      sql`
        select t.id from sync_tasks t join accounts a on a.id = t.account_id and a.access_mode = ${access_mode}
        where t.status = 'waiting' and t.reason in ('credential', 'config') and t.platform = ${platform}`,
    )
    await tx.rows(sql`delete from app_faults where platform = ${platform} and access_mode = ${access_mode}`)
  })
}
