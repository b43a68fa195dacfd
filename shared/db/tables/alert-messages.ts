import type { AlertCause, Channel } from '../../model/alert.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** Messages to one channel about one cause are so far apart. */
const apart = sql`interval '1 hour'`

/** Tries before a message is given up, over about a day. */
const mostAttempts = 12

/** How long one who sends a message has it. */
const lease = sql`interval '2 minutes'`

/**
 * Makes the messages that are due: for each channel and cause what has begun and was not sent, and what is over of what was sent; not
 * more than one an hour, and none while one is yet to be taken. What began and ended meanwhile is left out. Returns how many.
 */
export async function planMessages(tx: Queryable): Promise<number> {
  const made = await tx.rows(sql`
    with told as (
      select m.channel_id, t.alert_id, bool_or(t.is_over) as is_over from alert_messages m
      cross join lateral (
        select unnest(m.fired) as alert_id, false as is_over union all select unnest(m.over), true) t
      group by 1, 2
    ), news as (
      select c.id as channel_id, a.cause, a.id, a.over_at is not null as is_over from alerts a
      join alert_channels c on c.causes is null or a.cause = any(c.causes)
      left join told t on t.channel_id = c.id and t.alert_id = a.id
      where (a.over_at is null and t.alert_id is null) or (a.over_at is not null and t.alert_id is not null and not t.is_over)
    )
    insert into alert_messages (channel_id, cause, fired, over)
    select channel_id, cause, coalesce(array_agg(id order by id) filter (where not is_over), '{}'),
      coalesce(array_agg(id order by id) filter (where is_over), '{}')
    from news n
    where not exists (
      select from alert_messages m where m.channel_id = n.channel_id and m.cause = n.cause
        and coalesce(m.sent_at, m.failed_at, 'infinity') > app_now() - ${apart})
    group by channel_id, cause order by channel_id, cause returning id`)
  return made.length
}

/** A message that is to be sent, with its channel. */
export interface DueMessage {
  readonly id: string
  readonly cause: AlertCause
  readonly fired: readonly string[]
  readonly over: readonly string[]
  readonly key: string
  readonly created_at: Date
  readonly channel: Channel
}

type Row = Omit<DueMessage, 'channel'> & Omit<Channel, 'id'> & { readonly channel_id: string }

/** Claims messages that are due, the oldest of each channel and cause; counted before they are sent. */
export async function claimMessages(db: Queryable, limit: number): Promise<DueMessage[]> {
  const rows = await db.rows<Row>(sql`
    with due as (
      select m.id from alert_messages m
      where m.sent_at is null and m.failed_at is null and m.next_at <= app_now() and not exists (
        select from alert_messages b where b.channel_id = m.channel_id and b.cause = m.cause and b.id < m.id
          and b.sent_at is null and b.failed_at is null)
      order by m.next_at, m.id limit ${limit} for update skip locked
    ), claimed as (
      update alert_messages m set attempts = attempts + 1, next_at = app_now() + ${lease}
      from due where m.id = due.id returning m.*
    )
    select m.id, m.cause, m.fired::text[] as fired, m.over::text[] as over, m.key, m.created_at, m.channel_id, c.name, c.kind, c.target,
      c.sealed_secret, c.language
    from claimed m join alert_channels c on c.id = m.channel_id order by m.id`)
  return rows.map(({ channel_id, name, kind, target, sealed_secret, language, ...message }) => ({
    ...message,
    channel: { id: channel_id, name, kind, target, sealed_secret, language },
  }))
}

export const markSent = (db: Queryable, id: string) =>
  db.rows(sql`update alert_messages set sent_at = app_now(), error = null where id = ${id}`)

/** It is tried again, ever more rarely, unless that is in vain or was done often enough. */
export const markFailed = (
  db: Queryable,
  id: string,
  {
    error,
    isInVain,
    afterMs,
  }: { readonly error: string; readonly isInVain: boolean; readonly afterMs: number },
) =>
  db.rows(sql`
    update alert_messages set error = ${error}, next_at = app_now() + greatest(
        least(power(2, attempts), 180) * interval '1 minute', ${afterMs} * interval '1 millisecond'),
      failed_at = case when ${isInVain} or attempts >= ${mostAttempts}::int then app_now() end
    where id = ${id} and sent_at is null`)
