import type { Platform } from '../../model/account.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** A link of a platform to a picture. */
export interface PictureLink {
  readonly url: string
  /** It works for some minutes yet, as far as it says itself. */
  readonly is_fresh: boolean
  readonly platform: Platform
  readonly account_id: string
  /** Its post was not deleted, and its account is read. */
  readonly is_there: boolean
  readonly published_at: Date
}

const most = 10

/** Links to the picture with that content, those that work longest first; none when that time is over. */
export const pictureLinks = (db: Queryable, contentKey: string, until: Date) =>
  db.rows<PictureLink>(sql`
    select m.url, m.url_expires_at is null or m.url_expires_at > app_now() + interval '2 minutes' as is_fresh,
      p.platform, p.account_id, p.published_at, p.status <> 'deleted' and a.status in ('active', 'missing') as is_there
    from post_media m join posts p on p.id = m.post_id join accounts a on a.id = p.account_id
    where m.content_key = ${contentKey}::uuid and m.url is not null and app_now() < ${until}
    order by m.url_expires_at desc nulls first limit ${most}`)
