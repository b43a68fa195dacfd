import type { ProfileMetrics } from '../model/profile.ts'
import type { Queryable } from './pool.ts'
import { rowsParam, sql } from './sql.ts'

/** What is on record of a profile, for deciding what an answer changes. */
export interface KnownProfile extends ProfileMetrics {
  readonly account_id: string
  readonly content_hash: string
  readonly observed_at: Date
  readonly metrics_at: Date | null
}

/** Locks the profiles of accounts in account order and returns those on record. */
export async function lockProfiles(tx: Queryable, accountIds: readonly string[]): Promise<KnownProfile[]> {
  return tx.rows(sql`
    select account_id, content_hash, observed_at, metrics_at, followers, following, posts, views, likes
    from profiles where account_id = any(${[...accountIds]}::bigint[]) order by account_id for update`)
}

/** Writes profiles whole, newest answer last; the caller holds the lock and has decided. */
export async function upsertProfiles(tx: Queryable, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return
  await tx.rows(sql`
    insert into profiles as p (account_id, native_id, handle, display_name, bio, avatar_url, avatar_expires_at, website,
      country, is_verified, uploads_ref, native_created_at, content_hash, observed_at, metrics_at,
      followers, following, posts, views, likes)
    select * from json_to_recordset(${rowsParam(rows)}::json) as r(account_id bigint, native_id text, handle text,
      display_name text, bio text, avatar_url text, avatar_expires_at timestamptz, website text, country text,
      is_verified boolean, uploads_ref text, native_created_at timestamptz, content_hash text, observed_at timestamptz,
      metrics_at timestamptz, followers bigint, following bigint, posts bigint, views bigint, likes bigint)
    order by account_id
    on conflict (account_id) do update set (native_id, handle, display_name, bio, avatar_url, avatar_expires_at, website,
      country, is_verified, uploads_ref, native_created_at, content_hash, observed_at, metrics_at,
      followers, following, posts, views, likes) = (excluded.native_id, excluded.handle, excluded.display_name,
      excluded.bio, excluded.avatar_url, excluded.avatar_expires_at, excluded.website, excluded.country,
      excluded.is_verified, excluded.uploads_ref, excluded.native_created_at, excluded.content_hash,
      excluded.observed_at, excluded.metrics_at, excluded.followers, excluded.following, excluded.posts,
      excluded.views, excluded.likes)
    where excluded.observed_at >= p.observed_at`)
}
