import type { Queryable } from '../pool.ts'
import { type Sql, sql } from '../sql.ts'

/** So many alerts of one cause stand at a time: more of them say nothing more. */
const mostOfCause = 200

export interface Noticed {
  readonly fired: number
  readonly over: number
}

/** An invariant that is violated; null: there was no time to check it. */
interface Violated {
  readonly name: string
  readonly count: number | null
}

/**
 * Notices what has gone wrong since the last call, and what is over. The caller's transaction is the only one that does.
 * @param standing selects all that is wrong now but what checks found: cause, subject, account_id, details
 * @param findings what a check of all invariants found; null: none was made, and what stands of it stays
 */
export async function noticeAlerts(
  tx: Queryable,
  standing: Sql,
  findings: readonly Violated[] | null,
): Promise<Noticed> {
  await tx.rows(sql`select pg_advisory_xact_lock(hashtext('social-sync alerts'))`)
  const violated = (findings ?? []).filter(({ count }) => count !== null)
  const unchecked = (findings ?? []).flatMap(({ name, count }) => (count === null ? [name] : []))
  const all = sql`
    ${standing} union all
    select 'checks_failed', v.name, null::bigint, jsonb_build_object('name', v.name, 'count', v.many)
    from unnest(${violated.map(({ name }) => name)}::text[], ${violated.map(({ count }) => count)}::bigint[]) v(name, many)`
  const [noticed] = await tx.rows<Noticed>(sql`
    with wrong as materialized (select cause, subject, account_id, jsonb_strip_nulls(details) as details from (${all}) w), ended as (
      update alerts a set over_at = app_now() where over_at is null
        and (cause <> 'checks_failed' or (${findings !== null} and subject <> all(${unchecked}::text[])))
        and not exists (select from wrong w where w.cause = a.cause and w.subject = a.subject)
      returning id
    ), changed as (
      update alerts a set details = w.details from wrong w
      where a.over_at is null and a.cause = w.cause and a.subject = w.subject and a.details <> w.details returning a.id
    ), begun as (
      insert into alerts (cause, subject, account_id, details)
      select cause, subject, account_id, details from (
        select w.*, row_number() over (partition by w.cause order by w.subject) + (
          select count(*) from alerts a where a.cause = w.cause and a.over_at is null) as place
        from wrong w where not exists (
          select from alerts a where a.cause = w.cause and a.subject = w.subject and a.over_at is null)) n
      where place <= ${mostOfCause} order by cause, subject returning id
    ), noted as (
      insert into alert_events (kind, alert_id)
      select kind, id from (select 'firing' as kind, id from begun union all select 'over', id from ended) e order by id
    )
    select (select count(*)::int from begun) as fired, (select count(*)::int from ended) as over from (select count(*) from changed) c`)
  // An account that was erased at this moment: the insert has waited for that.
  await tx.rows(sql`delete from alerts where account_id in (select id from accounts where status = 'erased')`)
  return noticed ?? { fired: 0, over: 0 }
}
