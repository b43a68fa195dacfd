import type { Platform } from '../../model/account.ts'
import type { MlRoute } from '../../model/ml-job.ts'
import { columns } from '../columns.ts'
import type { Db, Queryable } from '../pool.ts'
import { sql } from '../sql.ts'
import { note } from '../tables/audit-log.ts'

/** A post on record that models may look at. */
export interface PastPost {
  readonly id: string
  readonly account_id: string
  readonly platform: Platform
  readonly class: string
  readonly lang: string | null
  readonly published_at: Date
  readonly title: string | null
  readonly body: string | null
  readonly text_key: string | null
  /** Pictures whose content is known. */
  readonly pictures: readonly string[]
}

export interface PastFilter {
  readonly since: Date
  readonly platform?: Platform | undefined
}

/**
 * Posts published since then among so many numbers after this one: the whole table must not be read at once to find a few. `last`: the
 * last number looked at; null: there are no more.
 */
export async function pastPosts(
  db: Queryable,
  { since, platform }: PastFilter,
  after: string,
  numbers: number,
): Promise<{ readonly posts: readonly PastPost[]; readonly last: string | null }> {
  const until = String(BigInt(after) + BigInt(numbers))
  const further = await db.rows(sql`select from posts where id > ${until}::bigint limit 1`)
  const posts = await db.rows<PastPost>(sql`
    select p.id, p.account_id, p.platform, p.class, p.lang, p.published_at, p.title, p.body, p.text_key,
      array(select distinct content_key::text from post_media m where m.post_id = p.id and content_key is not null) as pictures
    from posts p where p.id > ${after}::bigint and p.id <= ${until}::bigint and p.published_at >= ${since}
      and p.status <> 'deleted' and (${platform ?? null}::text is null or p.platform = ${platform ?? null})
    order by p.id`)
  return { posts, last: further.length > 0 ? until : null }
}

/** A content that a model is to look at. */
export interface WantedContent extends MlRoute {
  readonly content_key: string
}

const wanted = columns<WantedContent>({
  content_key: 'uuid',
  kind: 'text',
  provider: 'text',
  model: 'text',
})

const isLacking = sql`not exists (
  select from ml_jobs j where (j.content_key, j.kind, j.model) = (r.content_key, r.kind, r.model))`

/** Of these contents, those of which the model has no job yet. */
export const lackingContents = (db: Queryable, contents: readonly WantedContent[]) =>
  db.rows<WantedContent>(sql`
    select distinct ${wanted.of('r')} from ${wanted.rows(contents)} where ${isLacking}`)

/** A text that gets its key, as it was read. */
export interface KeyedText {
  readonly id: string
  readonly text_key: string
  readonly title: string | null
  readonly body: string | null
}

const keyedText = columns<KeyedText>({ id: 'bigint', text_key: 'uuid', title: 'text', body: 'text' })

/**
 * Makes jobs for contents of which the model has none; no sync waits for them. Texts that no model looked at before get their keys,
 * unless they were rewritten meanwhile. Returns the jobs that were made.
 */
export const annotatePast = (
  db: Db,
  contents: readonly WantedContent[],
  texts: readonly KeyedText[],
  actor: string,
): Promise<WantedContent[]> =>
  db.transaction(async (tx) => {
    if (texts.length > 0) {
      await tx.rows(sql`
        select from post_latest where post_id = any(${texts.map(({ id }) => id)}::bigint[]) order by post_id for update`)
      await tx.rows(sql`
        update posts p set text_key = r.text_key from ${keyedText.rows(texts)}
        where p.id = r.id and p.text_key is null and (p.title, p.body) is not distinct from (r.title, r.body)`)
    }
    const jobs = await tx.rows<WantedContent>(sql`
      insert into ml_jobs (${wanted.list}) select distinct ${wanted.of('r')} from ${wanted.rows(contents)}
      where ${isLacking} and (exists (select from posts p where p.text_key = r.content_key)
        or exists (select from post_media m where m.content_key = r.content_key))
      order by 1, 2, 4 on conflict do nothing returning ${wanted.list}`)
    if (jobs.length > 0)
      await note(tx, { actor, action: 'annotate', about: 'posts on record', details: { jobs: jobs.length } })
    return jobs
  })
