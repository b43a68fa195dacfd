import type { MlRoute } from '../../../model/ml-job.ts'
import { columns } from '../../columns.ts'
import type { Db, Queryable } from '../../pool.ts'
import { type Sql, sql } from '../../sql.ts'
import { tasksOfJobs } from './attempts.ts'
import { isToSend } from './contents.ts'

const route = columns<MlRoute>({ kind: 'text', provider: 'text', model: 'text' })

/** Providers that have such jobs, found one after the other in the index of what is due. */
async function providersOf(db: Queryable, which: Sql): Promise<string[]> {
  const rows = await db.rows<{ provider: string }>(sql`
    with recursive found as (
      (select provider from ml_jobs where ${which} order by provider limit 1)
      union all
      select (select provider from ml_jobs where ${which} and provider > f.provider order by provider limit 1) from found f
      where f.provider is not null
    )
    select provider from found where provider is not null`)
  return rows.map(({ provider }) => provider)
}

/**
 * Jobs of providers that the settings do not have any more: what was not sent goes to the provider that does its kind now, where it
 * has no job for the content yet, and ends where it has; what was sent is given up at its deadline, since nothing asks about it.
 * Returns the tasks that waited.
 */
export const releaseStrangers = (
  db: Db,
  known: readonly string[],
  routes: readonly MlRoute[],
): Promise<string[]> =>
  db.transaction(async (tx) => {
    const strangers = (list: readonly string[]) => list.filter((name) => !known.includes(name))
    const unsent = strangers(await providersOf(tx, sql`${isToSend}`))
    const asked = strangers(
      await providersOf(tx, sql`status in ('submitted', 'expired') and next_at < 'infinity'`),
    )
    const spare = unsent.length > 0 ? await handOver(tx, unsent, routes) : []
    const ended = asked.length > 0 ? await giveUpOverdue(tx, asked) : []
    return tasksOfJobs(tx, [...spare, ...ended])
  })

/** Of several for the same content the first goes. Returns those that end. */
async function handOver(
  tx: Queryable,
  unsent: readonly string[],
  routes: readonly MlRoute[],
): Promise<string[]> {
  const jobs = await tx.rows<{ id: string; is_spare: boolean }>(sql`
    with held as (
      select j.id, j.content_key, j.model as was, ${route.of('r')} from ml_jobs j
      join ${route.rows(routes)} on r.kind = j.kind
      where j.provider = any(${[...unsent]}::text[]) and j.status = 'planned' order by j.id for update of j
    ), weighed as (
      select h.*, row_number() over (partition by h.content_key, h.kind order by h.was <> h.model, h.id) > 1
        or (h.was <> h.model and exists (
          select from ml_jobs o where o.content_key = h.content_key and o.kind = h.kind and o.model = h.model)) as is_spare
      from (select id, content_key, was, kind, provider, model from held) h
    )
    update ml_jobs j set
      provider = w.provider, model = case when w.is_spare then j.model else w.model end, sent_as = null, next_at = app_now(),
      status = case when w.is_spare then 'cancelled' else j.status end, error = null,
      finished_at = case when w.is_spare then app_now() end
    from weighed w where j.id = w.id returning j.id, w.is_spare`)
  return jobs.flatMap(({ id, is_spare }) => (is_spare ? [id] : []))
}

async function giveUpOverdue(tx: Queryable, asked: readonly string[]): Promise<string[]> {
  const ended = await tx.rows<{ id: string }>(sql`
    with held as (
      select id from ml_jobs where provider = any(${[...asked]}::text[]) and status = 'submitted' and next_at < 'infinity'
        and deadline_at <= app_now() order by id for update
    )
    update ml_jobs j set status = 'expired', finished_at = app_now(), next_at = 'infinity',
      error = '{"code": "deadline", "message": "its provider is not in the settings any more"}'
    from held where j.id = held.id returning j.id`)
  return ended.map(({ id }) => id)
}
