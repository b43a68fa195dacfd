import type { Db, Queryable } from '../pool.ts'
import { raw, sql } from '../sql.ts'
import { postMetrics, profileMetrics } from '../tables/metrics.ts'
import { type Counting, holdDays, markCounted, type Place, startCounting } from '../tables/report-settings.ts'

/** Rows of history that one statement counts at most. */
const most = 50_000
const hourMs = 3_600_000
const leastMs = 1_000

/** Posts that were first seen within so many days of their publication gained all their numbers since then. */
const newDays = 2

/**
 * Counts the numbers by day of posts and accounts from their history, as far as answers were read since the last call: part by
 * part in the order of time, each in one transaction, so that a call that ends early is gone on with. Days whose history is
 * deleted by now stay as they are. Today counts as far as it goes. Returns how many parts were counted.
 * @param timeZone in which a day begins; another one than last time counts all history once more
 */
export async function countDays(db: Db, timeZone: string, signal: AbortSignal): Promise<number> {
  const counting = await db.transaction((tx) => start(tx, timeZone))
  let { place } = counting
  let stepMs = hourMs
  let parts = 0
  while (place && !signal.aborted) {
    const part: Part = await nextPart(db, counting, place, stepMs)
    stepMs = part.stepMs
    place = await db.transaction((tx) => countPart(tx, counting, part))
    parts += 1
  }
  return parts
}

/** Of another time zone also takes away days that come before and after all that are counted in it. */
async function start(tx: Queryable, timeZone: string): Promise<Counting> {
  const counting = await startCounting(tx, timeZone)
  const { place, is_changed } = counting
  if (place && is_changed) {
    await holdDays(tx, 'to count')
    const [bounds] = await tx.rows<{ before: string; after: string }>(sql`
      select ((${place.from}::timestamptz at time zone ${timeZone})::date - 1)::text as before,
        ((app_now() at time zone ${timeZone})::date + 1)::text as after`)
    for (const day of bounds ? [bounds.before, bounds.after] : []) {
      await removeDay(tx, day)
      await sumPosts(tx, day)
    }
  }
  return counting
}

/** Takes away what stands under a day as far as its history is there still: it is counted once more. */
async function removeDay(tx: Queryable, day: string): Promise<void> {
  await tx.rows(sql`
    delete from post_days d where day = ${day}::date
      and exists (select from post_metrics m where m.post_id = d.post_id and m.observed_at = d.observed_at)`)
  await tx.rows(sql`
    delete from account_days d where day = ${day}::date and (observed_at is null
      or exists (select from profile_metrics m where m.account_id = d.account_id and m.observed_at = d.observed_at))`)
  await tx.rows(sql`
    update account_days set (posts_seen, ${listed(sums)}) = row(0, ${raw(sums.map(() => 'null::bigint').join(', '))})
    where day = ${day}::date`)
}

interface Part extends Place {
  readonly to: Date
  /** The day that all of it is in. */
  readonly day: string
  /** Nothing of that day was counted by this call or an earlier one. */
  readonly isFirst: boolean
  /** Nothing of that day follows. */
  readonly isLast: boolean
  readonly isToNow: boolean
  readonly isToday: boolean
  readonly stepMs: number
}

/** The next part: within one day, and of about as many rows as one statement counts. */
async function nextPart(db: Queryable, { time_zone }: Counting, place: Place, stepMs: number): Promise<Part> {
  const { from } = place
  const [bounds] = await db.rows<{ day: string; day_start: Date; day_end: Date; now: Date }>(sql`
    select d.day::text, d.day::timestamp at time zone ${time_zone} as day_start, least((d.day + 1)::timestamp at time zone ${time_zone}, app_now() + interval '1 second') as day_end,
      app_now() + interval '1 second' as now
    from (select (${from}::timestamptz at time zone ${time_zone})::date as day) d`)
  if (!bounds) throw new Error('a select without a table has one row')
  for (let step = stepMs; ; step /= 2) {
    const to = new Date(Math.min(from.getTime() + step, bounds.day_end.getTime()))
    const rows = await rowsBetween(db, from, to)
    if (rows > most && step > leastMs) continue
    const isLast = to >= bounds.day_end
    return {
      ...{ ...place, to, day: bounds.day, isLast },
      isFirst: place.after === '0' && from <= bounds.day_start,
      isToNow: isLast && to >= bounds.now,
      isToday: bounds.day_end >= bounds.now,
      stepMs: rows < most / 4 ? Math.min(step * 2, 24 * hourMs) : step,
    }
  }
}

async function rowsBetween(db: Queryable, from: Date, to: Date): Promise<number> {
  const [found] = await db.rows<{ count: number }>(sql`
    select count(*)::int as count from (
      select from post_metrics where observed_at >= ${from} and observed_at < ${to} limit ${most + 1}) m`)
  return found?.count ?? 0
}

/** Counts a part, or as many posts of it as one statement counts; returns where to go on. null: all is counted. */
async function countPart(
  tx: Queryable,
  { time_zone, is_rezoned }: Counting,
  part: Part,
): Promise<Place | null> {
  await holdDays(tx, 'to count')
  if (is_rezoned && part.isFirst) await removeDay(tx, part.day)
  const next = await countAll(tx, part, time_zone)
  await markCounted(tx, next)
  return next
}

async function countAll(tx: Queryable, part: Part, timeZone: string): Promise<Place | null> {
  const last = await countPosts(tx, part)
  if (last !== null) return { from: part.from, after: last }
  if (part.isLast) {
    await countProfiles(tx, timeZone, part.day)
    await sumPosts(tx, part.day)
  }
  return part.isToNow ? null : { from: part.to, after: '0' }
}

const gains = postMetrics.names.map((name) => `${name}_gained`)
const sums = gains.map((name) => `post_${name}`)
const listed = (names: readonly string[], alias?: string) =>
  raw(names.map((name) => (alias ? `${alias}.${name}` : name)).join(', '))

/**
 * What was seen of posts: the last of the day, and how much more it is than on the day before; what the next day that is on record gained
 * follows from it. Returns the last post when more may follow; null: that was all.
 */
async function countPosts(tx: Queryable, { from, to, day, after, isToday }: Part): Promise<string | null> {
  const gained = raw(
    postMetrics.names
      .map(
        (name) =>
          `case when b.post_id is not null then s.${name} - b.${name} when n.age < ${newDays} then s.${name} end`,
      )
      .join(', '),
  )
  const row = (alias: string) =>
    sql`${raw(`${alias}.observed_at, ${alias}.gained_over`)}, ${postMetrics.of(alias)}, ${listed(gains, alias)}`
  const [done] = await tx.rows<{ count: number; last: string | null }>(sql`
    with seen as materialized (
      select distinct on (post_id) post_id, observed_at, ${postMetrics.list} from post_metrics
      where observed_at >= ${from} and observed_at < ${to} and post_id > ${after}::bigint
      order by post_id, observed_at desc limit ${most}
    ), counted as (
    insert into post_days as d (post_id, day, account_id, observed_at, gained_over, ${postMetrics.list}, ${listed(gains)})
    select s.post_id, ${day}::date, p.account_id, s.observed_at,
      case when b.post_id is not null then ${day}::date - b.day when n.age < ${newDays} then greatest(1, n.age) end,
      ${postMetrics.of('s')}, ${gained}
    from seen s join posts p on p.id = s.post_id
    cross join lateral (select floor(extract(epoch from s.observed_at - p.published_at) / 86400)::int as age) n
    left join lateral (
      select b.* from post_days b where b.post_id = s.post_id and b.day < ${day}::date order by b.day desc limit 1) b on true
    order by 1
    on conflict (post_id, day) do update set (observed_at, gained_over, ${postMetrics.list}, ${listed(gains)}) = row(${row('excluded')})
    where excluded.observed_at >= d.observed_at and (${row('excluded')}) is distinct from (${row('d')})
    returning d.post_id, ${postMetrics.of('d')}
    ), followed as (
      update post_days n set (gained_over, ${listed(gains)}) = row(n.day - ${day}::date, ${raw(postMetrics.names.map((name) => `n.${name} - c.${name}`).join(', '))})
      from counted c where ${!isToday} and n.post_id = c.post_id
        and n.day = (select min(f.day) from post_days f where f.post_id = c.post_id and f.day > ${day}::date)
    )
    select count(*)::int as count, max(post_id) as last from seen`)
  return done && done.count === most ? done.last : null
}

/** The last numbers of profiles that day, and followers gained since the day before, and by the next from that one. */
async function countProfiles(tx: Queryable, timeZone: string, day: string): Promise<void> {
  const row = (alias: string) =>
    sql`${raw(`${alias}.observed_at, ${alias}.gained_over`)}, ${profileMetrics.of(alias)}, ${raw(alias)}.followers_gained`
  await tx.rows(sql`
    with seen as (
      select distinct on (account_id) account_id, observed_at, ${profileMetrics.list} from profile_metrics
      where observed_at >= ${day}::timestamp at time zone ${timeZone} and observed_at < (${day}::date + 1)::timestamp at time zone ${timeZone}
      order by account_id, observed_at desc
    ), counted as (
    insert into account_days as d (account_id, day, observed_at, gained_over, ${profileMetrics.list}, followers_gained)
    select s.account_id, ${day}::date, s.observed_at, ${day}::date - b.day, ${profileMetrics.of('s')}, s.followers - b.followers
    from seen s join accounts a on a.id = s.account_id and a.status <> 'erased'
    left join lateral (
      select b.* from account_days b where b.account_id = s.account_id and b.day < ${day}::date and b.observed_at is not null
      order by b.day desc limit 1) b on true
    order by 1
    on conflict (account_id, day) do update set (observed_at, gained_over, ${profileMetrics.list}, followers_gained) = row(${row('excluded')})
    where (${row('excluded')}) is distinct from (${row('d')})
    returning d.account_id, d.followers
    )
    update account_days n set gained_over = n.day - ${day}::date, followers_gained = n.followers - c.followers
    from counted c where n.account_id = c.account_id and n.day = (
      select min(f.day) from account_days f where f.account_id = c.account_id and f.day > ${day}::date and f.observed_at is not null)`)
}

/** What the posts of each account gained that day. */
async function sumPosts(tx: Queryable, day: string): Promise<void> {
  const row = (alias: string) => sql`${raw(alias)}.posts_seen, ${listed(sums, alias)}`
  await tx.rows(sql`
    insert into account_days as d (account_id, day, posts_seen, ${listed(sums)})
    select account_id, day, count(*), ${raw(gains.map((name) => `sum(${name})`).join(', '))}
    from post_days where day = ${day}::date group by account_id, day order by account_id
    on conflict (account_id, day) do update set (posts_seen, ${listed(sums)}) = row(${row('excluded')})
    where (${row('d')}) is distinct from (${row('excluded')})`)
}
