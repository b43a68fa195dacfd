import type { ProfileMetrics, ProfileRecord } from '../../model/profile.ts'
import { columns } from '../columns.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'
import { profileMetrics } from './metrics.ts'

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
    select account_id, content_hash, observed_at, metrics_at, ${profileMetrics.list}
    from profiles where account_id = any(${[...accountIds]}::bigint[]) order by account_id for update`)
}

type ProfileContent = Omit<ProfileRecord, 'metrics'>
export type ProfileRow = ProfileContent &
  ProfileMetrics &
  Pick<KnownProfile, 'account_id' | 'content_hash' | 'observed_at' | 'metrics_at'>

const key = columns<{ readonly account_id: string }>({ account_id: 'bigint' })
const content = columns<Omit<ProfileRow, keyof ProfileMetrics | 'account_id'>>({
  native_id: 'text',
  handle: 'text',
  display_name: 'text',
  bio: 'text',
  avatar_url: 'text',
  avatar_expires_at: 'timestamptz',
  website: 'text',
  country: 'text',
  is_verified: 'boolean',
  uploads_ref: 'text',
  native_created_at: 'timestamptz',
  content_hash: 'text',
  observed_at: 'timestamptz',
  metrics_at: 'timestamptz',
}).and(profileMetrics)
const profile = key.and(content)

/** Writes profiles whole, newest answer last; the caller holds the lock and has decided. */
export async function upsertProfiles(tx: Queryable, rows: readonly ProfileRow[]): Promise<void> {
  if (rows.length === 0) return
  await tx.rows(sql`
    insert into profiles as p (${profile.list}) select ${profile.of('r')} from ${profile.rows(rows)}
    order by account_id
    on conflict (account_id) do update set ${content.setFrom('excluded')}
    where excluded.observed_at >= p.observed_at`)
}
