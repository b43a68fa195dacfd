import { columns, type RowOf } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { type Reach, reaches } from '../reach.ts'
import { type Sql, sql } from '../sql.ts'

/** So many posts of an account, and such a share of them, are not deleted within a day unless a person says so. */
const most = { posts: 20, share: 0.25 }

/**
 * Counts misses: missing, and deleted when missed again a day later or more. A post that was seen by a newer answer stays
 * as it is. What would delete much of an account at once is held for a person, and what is held is deleted by nothing
 * else. In post order, like every write of posts.
 * @param missed selects post_id, at (when it was missed), since (what was seen from then on counts), and task_id
 */
export async function countMisses(tx: Queryable, missed: Sql): Promise<void> {
  await tx.rows(sql`
    with missed as (${missed}), held as (
      select m.post_id, m.at, m.task_id from missed m join post_latest l on l.post_id = m.post_id
      where l.observed_at < m.since order by l.post_id for update of l
    ), weighed as (
      select p.id, p.account_id, held.at, held.task_id, p.missing_since <= held.at - interval '24 hours' as is_gone
      from held join posts p on p.id = held.post_id
      where p.status in ('present', 'missing') and (p.missing_since is null or held.at > p.missing_since)
    ), accounts_weighed as (
      select w.account_id, count(*) + (
          select count(*) from posts h where h.account_id = w.account_id and h.held_at is not null
            and not exists (select from weighed o where o.id = h.id and o.is_gone)) as gone, (
          select count(*) from posts p where p.account_id = w.account_id and p.status = 'deleted'
            and p.changed_at > app_now() - interval '1 day') as gone_of_late, (
          select count(*) from posts p where p.account_id = w.account_id and p.status <> 'deleted') as standing
      from weighed w where w.is_gone group by 1
    ), too_many as (
      select account_id from accounts_weighed
      where gone + gone_of_late >= ${most.posts}::int and gone + gone_of_late > ${most.share}::float8 * (standing + gone_of_late)
    ), counted as (
      update posts p set changed_at = app_now(), miss_count = p.miss_count + 1, missed_by = w.task_id,
        missing_since = coalesce(p.missing_since, w.at),
        status = case when w.is_gone and t.account_id is null and p.held_at is null then 'deleted' else 'missing' end,
        held_at = coalesce(p.held_at, case when w.is_gone and t.account_id is not null then app_now() end)
      from weighed w left join too_many t on t.account_id = w.account_id where p.id = w.id
      returning p.id, p.status, p.missing_since
    )
    ${noteDeletions}`)
}

/** Of posts in `counted` that are deleted now, when that was. */
const noteDeletions = sql`
  insert into post_deletions (post_id, deleted_at, confirmed_at)
  select id, missing_since, app_now() from counted where status = 'deleted' order by id on conflict do nothing`

/** A person says that they are deleted. Returns how many. */
export async function confirmDeletions(tx: Queryable, accountId: string, reach: Reach): Promise<number> {
  const gone = await tx.rows(sql`
    with held as (
      select l.post_id from posts p join post_latest l on l.post_id = p.id
      where p.account_id = ${accountId} and p.held_at is not null and ${reaches(reach, sql`p.account_id`)} order by l.post_id for update of l
    ), counted as (
      update posts p set status = 'deleted', held_at = null, changed_at = app_now() from held
      where p.id = held.post_id and p.held_at is not null returning p.id, p.status, p.missing_since
    )
    ${noteDeletions} returning post_id`)
  return gone.length
}

const seenPost = columns<{ readonly post_id: string; readonly observed_at: Date }>({
  post_id: 'bigint',
  observed_at: 'timestamptz',
})

/**
 * Posts that were seen: those that had been missing or deleted before that are present again. Their newest-seen rows are locked:
 * a miss that was counted by another transaction until then is seen here.
 */
export async function markPresent(tx: Queryable, seen: readonly RowOf<typeof seenPost>[]): Promise<void> {
  if (seen.length === 0) return
  await tx.rows(sql`
    with here as (
      update posts p set status = 'present', missing_since = null, miss_count = 0, missed_by = null, held_at = null,
        changed_at = app_now()
      from ${seenPost.rows(seen)}
      where p.id = r.post_id and p.status <> 'present' and (p.missing_since is null or p.missing_since < r.observed_at)
      returning p.id, r.observed_at
    )
    update post_deletions d set returned_at = here.observed_at from here where d.post_id = here.id and d.returned_at is null`)
}
