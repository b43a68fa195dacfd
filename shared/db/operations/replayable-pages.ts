import type { Platform } from '../../model/account.ts'
import type { MlKind } from '../../model/ml-job.ts'
import { hasBody } from '../body-store.ts'
import type { Queryable } from '../pool.ts'
import { raw, sql } from '../sql.ts'
import { postMetrics } from '../tables/metrics.ts'
import type { PageLine } from '../tables/raw-pages.ts'

/** Which transformed pages are to be read again. */
export interface ReplayFilter {
  /** undefined: all platforms. */
  readonly platform?: Platform | undefined
  /** Pages that were transformed by older rules than these; undefined: all. */
  readonly before?: number | undefined
}

const isWanted = ({ platform, before }: ReplayFilter) => sql`
  p.status = 'transformed' and (${platform ?? null}::text is null or p.platform = ${platform ?? null})
  and (${before ?? null}::int is null or p.transform_version < ${before ?? null})`

/** The next pages after this one that still have their bodies, in id order: so many and so many bytes at most, one at least. */
export const replayableLines = (
  db: Queryable,
  filter: ReplayFilter,
  afterId: string,
  limit: { readonly pages: number; readonly bytes: number },
) =>
  db.rows<PageLine>(sql`
    with next as (
      select p.id, sum(p.body_bytes) over (order by p.id) - p.body_bytes as bytes_before from raw_pages p
      where ${isWanted(filter)} and ${hasBody} and p.id > ${afterId}::bigint order by p.id limit ${limit.pages}
    )
    select p.id, p.sync_task_id, p.account_id, p.platform, p.endpoint, p.claim_token, 0 as attempts, p.fetched_at, p.retry_at, p.traceparent,
      p.asked, true as is_replay, p.body_key
    from next join raw_pages p on p.id = next.id
    where next.bytes_before < ${limit.bytes} order by p.id`)

/** Pages that are wanted and whose bodies are gone: nothing can be read again from them. */
export async function countBodiless(db: Queryable, filter: ReplayFilter): Promise<number> {
  const [found] = await db.rows<{ count: number }>(sql`
    select count(*)::int as count from raw_pages p where ${isWanted(filter)} and not ${hasBody}`)
  return found?.count ?? 0
}

/** A row as its columns, with what belongs to it as a set; `key` names it for people. */
export interface Snapshot {
  readonly key: string
  readonly fields: Readonly<Record<string, unknown>>
}

const readSnapshots = (rows: readonly { readonly key: string; readonly fields: string }[]): Snapshot[] =>
  rows.map(({ key, fields }) => ({ key, fields: JSON.parse(fields) }))

/** Posts as they stand, with their numbers, media, hashtags and mentions. */
export async function snapshotPosts(
  tx: Queryable,
  platform: Platform,
  nativeIds: readonly string[],
): Promise<Snapshot[]> {
  const rows = await tx.rows<{ key: string; fields: string }>(sql`
    select p.platform || ' ' || p.native_id as key,
      to_jsonb(p) - '{id,account_id,platform,native_id,raw_page_id,first_seen_at,changed_at}'::text[]
      || jsonb_build_object(${raw(postMetrics.names.map((name) => `'${name}', l.${name}`).join(', '))},
        'hashtags', (select jsonb_agg(h.tag order by h.source, h.position) from post_hashtags h where h.post_id = p.id),
        'mentions', (select jsonb_agg(m.source || ' @' || m.handle order by m.source, m.position) from post_mentions m where m.post_id = p.id),
        'media', (select jsonb_agg(jsonb_build_array(m.role, m.kind, m.native_id, m.width, m.height, m.duration_ms)
          order by m.role, m.position) from post_media m where m.post_id = p.id)) as fields
    from posts p join post_latest l on l.post_id = p.id
    where p.platform = ${platform} and p.native_id = any(${[...nativeIds]}::text[])`)
  return readSnapshots(rows)
}

/** Profiles as they stand. */
export async function snapshotProfiles(tx: Queryable, accountIds: readonly string[]): Promise<Snapshot[]> {
  const rows = await tx.rows<{ key: string; fields: string }>(sql`
    select a.platform || ' profile ' || coalesce(a.handle, a.native_id) as key,
      to_jsonb(p) - '{account_id,content_hash,observed_at,metrics_at,first_seen_at}'::text[] as fields
    from profiles p join accounts a on a.id = p.account_id where p.account_id = any(${[...accountIds]}::bigint[])`)
  return readSnapshots(rows)
}

/** Records refused of these pages; and contents without ML jobs that they planned. */
export async function readEffects(tx: Queryable, pageIds: readonly string[]) {
  const [found] = await tx.rows<{ quarantined: number; planned: string[] }>(sql`
    select (select count(*)::int from quarantined_records where raw_page_id = any(${[...pageIds]}::bigint[])) as quarantined,
      array(
        select distinct k.content_key || ' ' || k.kind from ml_plans l cross join unnest(l.content_keys, l.kinds) k(content_key, kind)
        where l.raw_page_id = any(${[...pageIds]}::bigint[])
          and not exists (select from ml_jobs j where j.content_key = k.content_key and j.kind = k.kind)) as planned`)
  return found ?? { quarantined: 0, planned: [] }
}

/** The kinds of ML jobs that were planned of late: what there is a provider for, by the ledger. */
export async function kindsOfJobs(db: Queryable): Promise<MlKind[]> {
  const rows = await db.rows<{ kind: MlKind }>(sql`
    select kind from (select kind from ml_jobs order by id desc limit 1000) j
    union select unnest(kinds) from ml_plans`)
  return rows.map(({ kind }) => kind)
}

/** Whether models look at pictures whose links die, by the ledger. */
export const hasDyingPictures = async (db: Queryable): Promise<boolean> =>
  (
    await db.rows(
      sql`select from post_media where content_key is not null and url_expires_at is not null limit 1`,
    )
  ).length > 0
