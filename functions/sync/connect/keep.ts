import { sealWith } from '#shared/cloud/seal.ts'
import type { Db, Queryable } from '#shared/db/pool.ts'
import { goOnFollowing, type HeldAccount, holdOwned } from '#shared/db/tables/account-owners.ts'
import { accountsOfNames, allowOwner, followAccounts } from '#shared/db/tables/accounts.ts'
import { note } from '#shared/db/tables/audit-log.ts'
import { endLink, holdLink } from '#shared/db/tables/connect-links.ts'
import { type ConsentAsked, type ConsentEnd, endConsent } from '#shared/db/tables/consents.ts'
import { retryReading, sealedAbout, storeCredential } from '#shared/db/tables/credentials.ts'
import { forgetErasure, type HashHandle } from '#shared/db/tables/erasures.ts'
import { foldHandle, type Platform } from '#shared/model/account.ts'
import type { ConsentScope, Granted } from '#shared/platforms/consent.ts'

interface Keeping {
  readonly dataKey: Buffer
  readonly hashHandle: HashHandle | null
  readonly stateHash: string
  readonly lacking: readonly ConsentScope[]
}

/**
 * Stores what an owner granted, in one transaction with its end: the account that the token is of is followed, whatever name was
 * expected; one that is to be connected again must be the same. Tokens of another account are dropped.
 */
export const keepGrant = (
  db: Db,
  asked: ConsentAsked,
  granted: Granted,
  keeping: Keeping,
): Promise<ConsentEnd> =>
  db.transaction(async (tx) => {
    const end = await kept(tx, asked, granted, keeping)
    await endConsent(tx, keeping.stateHash, end)
    return end
  })

async function kept(
  tx: Queryable,
  asked: ConsentAsked,
  granted: Granted,
  { dataKey, hashHandle, lacking }: Keeping,
): Promise<ConsentEnd> {
  // Two windows of one link may end at once, and it may have been taken back meanwhile: it connects one account.
  if (asked.link_id !== null && !(await holdLink(tx, asked.link_id)))
    return { outcome: 'expired', details: {} }
  const account = await accountOf(tx, asked, granted, hashHandle)
  const details = { handle: granted.handle, lacking, is_ours: asked.link_id === null }
  if (!account) return { outcome: asked.account_id === null ? 'failed' : 'other_account', details }
  if (account.client_id && asked.client_id && account.client_id !== asked.client_id)
    return { outcome: 'other_client', details }
  await allowOwner(tx, account.id)
  const change = { id: account.id, access_mode: null, client_id: asked.client_id, brand_id: null, tags: [] }
  await goOnFollowing(tx, [change])
  await store(tx, asked, account.id, granted, dataKey)
  if (asked.link_id !== null) await endLink(tx, asked.link_id, account.id)
  await note(tx, {
    actor: asked.asked_by,
    action: 'connect',
    about: `account ${account.id}`,
    details: { link: asked.link_id, scopes: granted.scopes },
  })
  return { outcome: 'connected', details: { ...details, account_id: account.id } }
}

/**
 * The account that a token is of, followed from now on when it was not: its owner grants access, so that it was erased is forgotten.
 * undefined: it is not the one that is to be connected again.
 */
async function accountOf(
  tx: Queryable,
  { platform, account_id, client_id }: ConsentAsked,
  granted: Granted,
  hashHandle: HashHandle | null,
): Promise<HeldAccount | undefined> {
  const { ids, handle } = granted
  if (account_id !== null) {
    const wanted = (await holdOwned(tx, [account_id], null)).get(account_id)
    return wanted && isOf(wanted, granted) ? wanted : undefined
  }
  const known = await knownAs(tx, platform, granted)
  if (known) return known
  for (const name of handle === null ? ids : [...ids, handle])
    await forgetErasure(tx, platform, name, hashHandle)
  const [native_id = null] = ids
  await followAccounts(tx, [{ platform, handle, native_id, access_mode: 'own_oauth', client_id }])
  return knownAs(tx, platform, granted)
}

/** By its id; by its name only where it is not known by another id: names are given up, and taken by others. */
const isOf = (account: HeldAccount, { ids, handle }: Granted) =>
  (account.native_id !== null && ids.includes(account.native_id)) ||
  (isKnownByName(account) && isSameName(account.handle ?? account.native_id, handle))

/** Some rights know accounts by their names alone, which then serve as ids. */
const isKnownByName = ({ native_id, handle }: HeldAccount) =>
  native_id === null || isSameName(native_id, handle)

const isSameName = (one: string | null, other: string | null) =>
  one !== null && other !== null && foldHandle(one) === foldHandle(other)

/** By one of its ids; by its name only where no other account has been seen under that. */
async function knownAs(
  tx: Queryable,
  platform: Platform,
  { ids, handle }: Granted,
): Promise<HeldAccount | undefined> {
  const byId = ids.map((native_id) => ({ platform, handle: null, native_id }))
  const names = [...byId, ...(handle === null ? [] : [{ platform, handle, native_id: null }])]
  const places = await accountsOfNames(tx, names)
  const held = await holdOwned(tx, [...places.values()], null)
  for (const [place, { native_id }] of names.entries()) {
    const account = held.get(places.get(place) ?? '')
    if (account && (native_id !== null || isKnownByName(account))) return account
  }
  return undefined
}

async function store(
  tx: Queryable,
  { platform }: ConsentAsked,
  account_id: string,
  { tokens, scopes, app_user_id }: Granted,
  dataKey: Buffer,
): Promise<void> {
  const { access, access_s, refresh, refresh_s } = tokens
  const sealed = sealWith(dataKey).seal(
    JSON.stringify({ access, refresh }),
    sealedAbout(platform, account_id),
  )
  await storeCredential(tx, { platform, account_id, sealed, access_s, refresh_s, scopes, app_user_id })
  await retryReading(tx, platform, account_id)
}
