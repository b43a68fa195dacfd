import type { Platform } from '../../model/account.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'
import { isAwaited } from '../tables/ml-jobs/contents.ts'

/** A link of a platform to a picture. */
export interface PictureLink {
  readonly url: string
  /** It works for some minutes yet, as far as it says itself. */
  readonly is_fresh: boolean
  readonly platform: Platform
  readonly account_id: string
  /** Neither the post nor its account has gone for good. */
  readonly is_there: boolean
  /** Its account is read, and an ML job is open, or might still have a late result, for which a newer link is noted. */
  readonly is_renewed: boolean
  readonly published_at: Date
}

const most = 10

/**
 * Links to the picture with that content, those that work longest first; none when that time is over. Its jobs are read by its content
 * first: before the table is analysed, the planner would look for one among all that are open.
 */
export const pictureLinks = (db: Queryable, contentKey: string, until: Date) =>
  db.rows<PictureLink>(sql`
    with jobs as materialized (select status, next_at from ml_jobs where content_key = ${contentKey}::uuid)
    select m.url, m.url_expires_at is null or m.url_expires_at > app_now() + interval '2 minutes' as is_fresh,
      p.platform, p.account_id, p.published_at, p.status <> 'deleted' and a.status not in ('closed', 'erased') as is_there,
      a.status in ('active', 'missing') and a.access_mode <> 'import' and exists (select from jobs j where ${isAwaited}) as is_renewed
    from post_media m join posts p on p.id = m.post_id join accounts a on a.id = p.account_id
    where m.content_key = ${contentKey}::uuid and m.url is not null and app_now() < ${until}
    order by m.url_expires_at desc nulls first limit ${most}`)
