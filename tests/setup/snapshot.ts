import type { Db } from '#shared/db/pool.ts'
import { raw } from '#shared/db/sql.ts'
import { postMetrics, profileMetrics } from '#shared/db/tables/metrics.ts'

const postNumbers = (of: string) => postMetrics.of(of).sql
const profileNumbers = (of: string) => profileMetrics.of(of).sql

const tables = {
  accounts: `select native_id, handle, status from accounts order by native_id`,
  profiles: `select native_id, handle, display_name, bio, content_hash, ${profileNumbers('p')} from profiles p order by native_id`,
  posts: `select p.native_id, a.native_id as account, class, live_state, title, body, permalink, lang, published_at,
      duration_ms, p.tags, visibility, made_for_kids, p.status, l.detail_hash, ${postNumbers('l')}
    from posts p join accounts a on a.id = p.account_id join post_latest l on l.post_id = p.id order by p.native_id`,
  media: `select p.native_id, m.role, m.position, m.url, m.width from post_media m join posts p on p.id = m.post_id order by 1, 2, 3`,
  hashtags: `select p.native_id, h.position, h.tag_norm from post_hashtags h join posts p on p.id = h.post_id order by 1, 2`,
  mentions: `select p.native_id, m.position, m.handle_norm from post_mentions m join posts p on p.id = m.post_id order by 1, 2`,
  post_metrics: `select p.native_id, ${postNumbers('m')} from post_metrics m join posts p on p.id = m.post_id order by p.native_id, ${postNumbers('m')}`,
  profile_metrics: `select a.native_id, ${profileNumbers('m')} from profile_metrics m join accounts a on a.id = m.account_id order by a.native_id, ${profileNumbers('m')}`,
  annotations: `select p.native_id, a.kind, a.model_version, a.result::text from post_annotations a join posts p on p.id = a.post_id order by 1, 2, 3`,
  tasks: `select a.native_id, t.status, t.reason, t.walk_outcome from sync_tasks t join accounts a on a.id = t.account_id order by 1, t.id`,
}

/** Everything a user sees, without our ids and times, for comparing two runs. */
export async function snapshot(db: Db): Promise<Record<string, object[]>> {
  const entries = await Promise.all(
    Object.entries(tables).map(async ([name, query]) => [name, await db.rows(raw(query))] as const),
  )
  return Object.fromEntries(entries)
}
