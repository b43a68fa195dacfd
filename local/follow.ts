import { sealWith } from '#shared/cloud/seal.ts'
import type { Db, Queryable } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { goOnFollowing } from '#shared/db/tables/account-owners.ts'
import { followAccounts } from '#shared/db/tables/accounts.ts'
import { brandsNamed, saveBrands } from '#shared/db/tables/brands.ts'
import { clientsNamed, makeClients } from '#shared/db/tables/clients.ts'
import { type NewCredential, sealedAbout, storeCredential } from '#shared/db/tables/credentials.ts'
import type { Platform } from '#shared/model/account.ts'
import { normOf } from '#shared/model/brand.ts'
import type { Simulators } from './cloud.ts'
import { sharedToken } from './simulators/instagram/tokens.ts'
import type { World } from './world/world.ts'

/**
 * Follows every account of the world for its client, and looks for its brands. Where an account is read by its owner's token, the owner has consented; one
 * token serves all accounts that are looked up on Instagram, by their usernames.
 */
export async function followWorld(
  db: Db,
  world: World,
  platforms: readonly Platform[],
  simulators: Simulators,
  credentialsKey: string,
): Promise<void> {
  for (const platform of platforms) {
    const accounts = world.accounts(platform).map((native_id) => ({
      platform,
      handle: usernameOf(world, platform, native_id),
      native_id,
      access_mode: world.accessMode(platform, native_id),
    }))
    await followAccounts(db, accounts)
  }
  await nameOwners(db, world)
  await consentAll(db, platforms, simulators, credentialsKey)
  if (platforms.includes('instagram')) await shareToken(db, credentialsKey)
}

/** The brands of the world, and whose each account is and for whom; what is known of an account already stays. */
async function nameOwners(db: Db, world: World): Promise<void> {
  if (world.brands.length === 0) return
  await saveBrands(db, world.brands, 'local cloud')
  await db.transaction(async (tx) => {
    const accounts = await tx.rows<{ id: string; platform: Platform; native_id: string }>(sql`
      select id, platform, native_id from accounts where native_id is not null and client_id is null and brand_id is null order by id for no key update`)
    const owned = accounts.flatMap(({ id, platform, native_id }) => {
      const owners = world.ownersOf(platform, native_id)
      return owners ? [{ id, ...owners }] : []
    })
    await makeClients(
      tx,
      owned.map(({ client }) => client),
    )
    const clients = await clientsNamed(
      tx,
      owned.map(({ client }) => client),
      null,
    )
    const brands = await brandsNamed(
      tx,
      owned.map(({ brand }) => brand),
      null,
    )
    await goOnFollowing(
      tx,
      owned.map(({ id, client, brand }) => ({
        ...{ id, access_mode: null, tags: [] },
        client_id: clients.get(normOf(client)) ?? null,
        brand_id: brands.get(normOf(brand)) ?? null,
      })),
    )
  })
}

/** The one key by which Instagram looks an account up; elsewhere the first answer has it. */
function usernameOf(world: World, platform: Platform, id: string): string | null {
  return platform === 'instagram' ? String(world.profile('instagram', id)?.['username'] ?? '') || null : null
}

async function shareToken(db: Db, credentialsKey: string): Promise<void> {
  await db.transaction((tx) =>
    store(tx, credentialsKey, {
      platform: 'instagram',
      account_id: null,
      tokens: { access: sharedToken, refresh: null },
      access_s: null,
      refresh_s: null,
      scopes: ['instagram_basic', 'instagram_manage_insights', 'pages_show_list', 'pages_read_engagement'],
    }),
  )
}

/** Tokens for accounts that have none yet. */
async function consentAll(
  db: Db,
  platforms: readonly Platform[],
  simulators: Simulators,
  credentialsKey: string,
): Promise<void> {
  const accounts = await db.rows<Consenting>(sql`
    select id, platform, native_id from accounts a
    where platform = any(${[...platforms]}::text[]) and access_mode = 'own_oauth' and native_id is not null
      and not exists (select from credentials c where c.account_id = a.id)`)
  await db.transaction(async (tx) => {
    for (const account of accounts) await consent(tx, account, simulators, credentialsKey)
  })
}

interface Consenting {
  readonly id: string
  readonly platform: Platform
  readonly native_id: string
}

/** The owner of an account grants access: its tokens are stored, sealed. */
export async function consent(
  tx: Queryable,
  { id, platform, native_id }: Consenting,
  { instagram, tiktok }: Simulators,
  credentialsKey: string,
): Promise<void> {
  if (platform === 'instagram') {
    const given = instagram.consent(native_id)
    await store(tx, credentialsKey, {
      platform,
      account_id: id,
      tokens: { access: given.access_token, refresh: null },
      access_s: given.expires_in,
      refresh_s: null,
      scopes: ['instagram_business_basic', 'instagram_business_manage_insights'],
    })
  } else {
    const given = tiktok.consent(native_id)
    await store(tx, credentialsKey, {
      platform,
      account_id: id,
      tokens: { access: given.access_token, refresh: given.refresh_token },
      access_s: given.expires_in,
      refresh_s: given.refresh_expires_in,
      scopes: given.scope.split(','),
    })
  }
}

type Given = Omit<NewCredential, 'sealed'> & {
  readonly tokens: { readonly access: string; readonly refresh: string | null }
}

async function store(tx: Queryable, credentialsKey: string, { tokens, ...credential }: Given): Promise<void> {
  const seal = sealWith(Buffer.from(credentialsKey, 'base64'))
  const about = sealedAbout(credential.platform, credential.account_id)
  await storeCredential(tx, { ...credential, sealed: seal.seal(JSON.stringify(tokens), about) })
}
