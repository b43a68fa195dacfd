import { type Sql, sql } from '../../sql.ts'

/** Days that are asked about, in the time zone of report_settings: from one to another, or so many up to it; `to` is today when absent. */
export interface Range {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly days: number
}

/** Its first and last day, and its bounds in time, as the common table expression `r`. */
export const rangeOf = ({ from, to, days }: Range): Sql => sql`
  r as materialized (
    select first, last, first::timestamp at time zone time_zone as since, (last + 1)::timestamp at time zone time_zone as until from (
      select coalesce(${from ?? null}::date, last - ${days - 1}::int) as first, last, time_zone
      from (select coalesce(${to ?? null}::date, report.today()) as last, time_zone from report_settings) l) f
  )`

/** What one day brought; decimal text, null: not known. */
interface DayLine {
  readonly day: string
  readonly followers_gained: string | null
  readonly views_gained: string | null
  readonly engagement_gained: string | null
}

/** What a range of days brought, as `n`, of rows of report.account_daily. */
export const gainsOf = (which: Sql): Sql => sql`
  left join lateral (
    select sum(followers_gained) as followers_gained, sum(views_gained) as views_gained, sum(engagement_gained) as engagement_gained,
      coalesce(json_agg(json_build_object('day', day, 'followers_gained', followers_gained::text, 'views_gained', views_gained::text,
        'engagement_gained', engagement_gained::text) order by day), '[]')::text as days
    from (
      select d.day, sum(d.followers_gained) as followers_gained, sum(d.post_views_gained) as views_gained, sum(d.engagement_gained) as engagement_gained
      from report.account_daily d where d.day between r.first and r.last and ${which} group by d.day) d
  ) n on true`

/**
 * Followers of an account as they were at the end of the range `r`: of its profile when today belongs to it, else the last that is known of
 * a day until then.
 */
export const followersAt = (account: Sql, ofProfile: Sql): Sql => sql`
  case when (select last >= report.today() from r) then ${ofProfile} else (
    select d.followers from account_days d, r where d.account_id = ${account} and d.day <= r.last and d.followers is not null
    order by d.day desc limit 1) end`

/** What is followed by numbers over a range: an account, or all accounts of a brand. Numbers are decimal text. */
export interface NumbersLine {
  readonly id: string
  readonly sort_key: string | null
  readonly client: string | null
  readonly followers: string | null
  readonly followers_gained: string | null
  readonly views_gained: string | null
  readonly engagement_gained: string | null
  readonly published: number
  readonly days: readonly DayLine[]
}

/** Days come as the text of JSON. */
export type Unread<Line extends NumbersLine> = Omit<Line, 'days'> & { readonly days: string }
export const withDays = <Line extends NumbersLine>({ days, ...line }: Unread<Line>) =>
  ({ ...line, days: JSON.parse(days) }) as unknown as Line
