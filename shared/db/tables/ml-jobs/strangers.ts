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
 * has no job for the content yet; what was sent is given up at its deadline, since nothing asks about it. Returns the tasks that
 * waited.
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
    if (unsent.length > 0) await handOver(tx, unsent, routes)
    const ended = asked.length > 0 ? await giveUpOverdue(tx, asked) : []
    return tasksOfJobs(tx, ended)
  })

async function handOver(tx: Queryable, unsent: readonly string[], routes: readonly MlRoute[]): Promise<void> {
  await tx.rows(sql`
    with held as (
      select j.id, ${route.of('r')} from ml_jobs j join ${route.rows(routes)} on r.kind = j.kind
      where j.provider = any(${[...unsent]}::text[]) and j.status = 'planned' order by j.id for update of j
    )
    update ml_jobs j set provider = h.provider, model = h.model, sent_as = null, next_at = app_now() from held h
    where j.id = h.id and (j.model = h.model or not exists (
      select from ml_jobs o where o.content_key = j.content_key and o.kind = j.kind and o.model = h.model))`)
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
