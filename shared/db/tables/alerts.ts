import type { Alert, AlertCause } from '../../model/alert.ts'
import type { Queryable } from '../pool.ts'
import type { Reach } from '../reach.ts'
import { reaches } from '../reach.ts'
import { type Sql, sql } from '../sql.ts'

/** Deletes what is over for so long that it says nothing any more, then messages that were about nothing else. */
export const purgeAlerts = async (db: Queryable): Promise<number> => {
  const gone = await db.rows(sql`
    delete from alerts where over_at < app_now() - interval '90 days'
      or account_id in (select id from accounts where status = 'erased') returning id`)
  await db.rows(sql`
    delete from alert_messages m where created_at < app_now() - interval '90 days'
      and not exists (select from alerts a where a.id = any(m.fired || m.over))`)
  return gone.length
}

export interface AlertFilter {
  readonly state?: 'firing' | 'over' | undefined
  readonly cause?: AlertCause | undefined
  readonly reach: Reach
}

const columns = sql`a.id, a.cause, a.account_id, a.details::text as details, a.fired_at, a.over_at`

/** Of a caller that is bound to clients what is about their accounts alone. */
const isReachable = (reach: Reach): Sql =>
  reach === null ? sql`true` : sql`(a.account_id is not null and ${reaches(reach, sql`a.account_id`)})`

type Row = Omit<Alert, 'details'> & { readonly details: string }
const read = (rows: readonly Row[]): Alert[] =>
  rows.map(({ details, ...row }) => ({ ...row, details: JSON.parse(details) }))

/** Alerts before this one, the newest first, and one more than asked for. */
export const listAlerts = async (
  db: Queryable,
  { state, cause, reach }: AlertFilter,
  before: string | undefined,
  limit: number,
): Promise<Alert[]> =>
  read(
    await db.rows<Row>(sql`
      select ${columns} from alerts a
      where (${before ?? null}::bigint is null or a.id < ${before ?? null}::bigint) and ${isReachable(reach)}
        and (${cause ?? null}::text is null or a.cause = ${cause ?? null})
        and ${state === undefined ? sql`true` : state === 'firing' ? sql`a.over_at is null` : sql`a.over_at is not null`}
      order by a.id desc limit ${limit + 1}`),
  )

/** Alerts by their numbers, the oldest first. */
export const alertsNumbered = async (db: Queryable, ids: readonly string[]): Promise<Alert[]> =>
  read(
    await db.rows<Row>(sql`
      select ${columns} from alerts a where a.id = any(${[...ids]}::bigint[]) order by a.id`),
  )

export interface AlertEvent {
  readonly id: string
  readonly at: Date
  readonly kind: 'firing' | 'over'
  readonly alert: Alert
}

/** Beginnings and ends of alerts after this one, the oldest first, and one more than asked for. */
export async function listEvents(
  db: Queryable,
  reach: Reach,
  after: string,
  limit: number,
): Promise<AlertEvent[]> {
  const rows = await db.rows<Row & { event: string; at: Date; kind: 'firing' | 'over' }>(sql`
    select e.id as event, e.at, e.kind, ${columns} from alert_events e join alerts a on a.id = e.alert_id
    where e.id > ${after}::bigint and ${isReachable(reach)} order by e.id limit ${limit + 1}`)
  return rows.map(({ event, at, kind, details, ...alert }) => ({
    ...{ id: event, at, kind },
    alert: { ...alert, details: JSON.parse(details) },
  }))
}
