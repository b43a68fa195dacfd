import { sealWith } from '#shared/cloud/seal.ts'
import { followAccounts } from '#shared/db/accounts.ts'
import { sealedAbout, storeCredential } from '#shared/db/credentials.ts'
import type { Db, Queryable } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import type { AccessMode, Platform } from '#shared/model/account.ts'
import type { Simulators } from './cloud.ts'
import type { Tokens } from './simulators/tiktok/tokens.ts'
import type { World } from './world/world.ts'

const accessModes: Readonly<Record<Platform, AccessMode>> = {
  youtube: 'public_key',
  instagram: 'public_discovery',
  tiktok: 'own_oauth',
}

/** Follows every account of the world; where an account is read by its owner's token, the owner has consented. */
export async function followWorld(
  db: Db,
  world: World,
  platforms: readonly Platform[],
  simulators: Simulators,
  credentialsKey: string,
): Promise<void> {
  for (const platform of platforms) {
    const access_mode = accessModes[platform]
    const accounts = world
      .accounts(platform)
      .map((native_id) => ({ platform, handle: null, native_id, access_mode }))
    await followAccounts(db, accounts)
  }
  if (platforms.includes('tiktok')) await consentAll(db, simulators, credentialsKey)
}

/** Tokens for accounts that have none yet. */
async function consentAll(db: Db, simulators: Simulators, credentialsKey: string): Promise<void> {
  const accounts = await db.rows<Consenting>(sql`
    select id, native_id, app_now() as now from accounts a
    where platform = 'tiktok' and access_mode = 'own_oauth' and native_id is not null
      and not exists (select from credentials c where c.account_id = a.id)`)
  await db.transaction(async (tx) => {
    for (const account of accounts) await consent(tx, account, simulators, credentialsKey)
  })
}

interface Consenting {
  readonly id: string
  readonly native_id: string
  readonly now: Date
}

/** The owner of an account grants access: its tokens are stored, sealed. */
export async function consent(
  tx: Queryable,
  { id, native_id, now }: Consenting,
  { tiktok }: Simulators,
  credentialsKey: string,
): Promise<void> {
  const tokens = tiktok.consent(native_id)
  const seal = sealWith(Buffer.from(credentialsKey, 'base64'))
  await storeCredential(tx, {
    platform: 'tiktok',
    account_id: id,
    sealed: seal.seal(sealedText(tokens), sealedAbout('tiktok', id)),
    access_expires_at: new Date(now.getTime() + tokens.expires_in * 1000),
    refresh_expires_at: new Date(now.getTime() + tokens.refresh_expires_in * 1000),
    scopes: tokens.scope.split(','),
  })
}

const sealedText = ({ access_token, refresh_token }: Tokens) =>
  JSON.stringify({ access: access_token, refresh: refresh_token })
