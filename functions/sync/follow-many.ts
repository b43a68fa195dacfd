import type { Queryable } from '#shared/db/pool.ts'
import type { Reach } from '#shared/db/reach.ts'
import {
  type Following as Change,
  goOnFollowing,
  type HeldAccount,
  holdOwned,
} from '#shared/db/tables/account-owners.ts'
import { accountsOfNames, followAccounts } from '#shared/db/tables/accounts.ts'
import { brandsNamed, makeBrands } from '#shared/db/tables/brands.ts'
import { clientsNamed, makeClients, onlyClient } from '#shared/db/tables/clients.ts'
import { erasedAmong } from '#shared/db/tables/erasures.ts'
import { Problem } from '#shared/http/problem.ts'
import { foldHandle } from '#shared/model/account.ts'
import { normOf } from '#shared/model/brand.ts'
import { platformOf } from '#shared/platforms/index.ts'
import { type AccountName, bareHandle, erased, type Following, onlyImported, unsupported } from './follow.ts'

/** Whom to follow, for which client, and as whose account; a client or a brand that is not there is made. */
export interface Wanted extends AccountName {
  readonly client?: string | undefined
  readonly brand?: string | undefined
  readonly tags?: readonly string[] | undefined
}

/** known: it was followed already. */
export type Outcome =
  | { readonly status: 'followed' | 'known'; readonly account: HeldAccount }
  | { readonly status: 'refused'; readonly problem: Problem }

/**
 * Follows accounts, in a few statements whatever their number, and says for each in its place how that went; one that is refused
 * stops no other.
 */
export async function followMany(
  tx: Queryable,
  wanted: readonly Wanted[],
  following: Following,
): Promise<Outcome[]> {
  if (wanted.length === 0) return []
  const { reach, openAccess, hashHandle } = following
  const clientOf = await clientsOf(tx, wanted, reach)
  const names = wanted.map(identityOf)
  const given = names.map(({ platform, handle, native_id }) => ({
    ...{ platform, name: native_id ?? handle ?? '', isId: native_id !== null },
  }))
  const wereErased = await erasedAmong(tx, given, hashHandle)
  const before = await accountsOfNames(tx, names)
  const fresh = names.flatMap((name, place) => {
    const access_mode = openAccess(name.platform)
    const client_id = clientOf(wanted[place])
    const isNew = !before.has(place) && !wereErased.has(place)
    const isOwned = client_id !== undefined && (reach === null || client_id !== null)
    return isNew && access_mode !== null && isOwned ? [{ ...name, access_mode, client_id }] : []
  })
  await followAccounts(tx, firstOfEach(fresh))
  const places = await accountsOfNames(tx, names)
  const held = await holdOwned(tx, [...places.values()], reach)
  const brandOf = await brandsOf(tx, wanted, reach)
  const changes = new Map<string, Change>()
  const weigh = (one: Wanted, place: number): Outcome => {
    const owners = { client: clientOf(one), brand: brandOf(one) }
    const account = wereErased.has(place)
      ? erased()
      : followable(one, owners, held.get(places.get(place) ?? ''), following)
    if (account instanceof Problem) return { status: 'refused', problem: account }
    const given = changeOf(one, owners, account, openAccess(one.platform))
    const earlier = changes.get(account.id)
    const taken = takenBy(given, account, earlier)
    if (taken) return { status: 'refused', problem: taken }
    changes.set(account.id, earlier ? merged(earlier, given) : given)
    const isNew = !before.has(place) || account.status === 'unfollowed'
    return { status: isNew && !earlier ? 'followed' : 'known', account }
  }
  const outcomes = wanted.map(weigh)
  await goOnFollowing(tx, [...changes.values()])
  return outcomes
}

/** The account that is followed. Throws the Problem for which it is not. */
export function accountOf(outcome: Outcome | undefined): HeldAccount {
  if (outcome === undefined) throw new Error('each account that is wanted has an outcome')
  if (outcome.status === 'refused') throw outcome.problem
  return outcome.account
}

function identityOf(one: Wanted) {
  const { platform } = one
  const bare = bareHandle(one)
  return platformOf(platform).handles.isNativeId(bare)
    ? { platform, handle: null, native_id: bare }
    : { platform, handle: bare, native_id: null }
}

/** Of one account that is named twice, the first. */
const firstOfEach = <Name extends ReturnType<typeof identityOf>>(names: readonly Name[]): Name[] => [
  ...new Map(
    names
      .toReversed()
      .map((one) => [`${one.platform} ${one.native_id ?? foldHandle(one.handle ?? '')}`, one]),
  ).values(),
]

const changeOf = (
  { tags = [] }: Wanted,
  { client, brand }: Named,
  { id }: HeldAccount,
  access_mode: Change['access_mode'],
): Change => ({ id, access_mode, client_id: client ?? null, brand_id: brand ?? null, tags: [...tags] })

/** One account that is named twice. */
const merged = (one: Change, other: Change): Change => ({
  ...one,
  client_id: one.client_id ?? other.client_id,
  brand_id: one.brand_id ?? other.brand_id,
  tags: [...new Set([...one.tags, ...other.tags])],
})

/**
 * Clients by the names they are given; a key that is bound to clients makes none. null: none is named; undefined: there is none of
 * that name within reach.
 */
async function clientsOf(tx: Queryable, wanted: readonly Wanted[], reach: Reach) {
  const names = wanted.flatMap(({ client }) => client ?? [])
  if (reach === null) await makeClients(tx, names)
  const clients = await clientsNamed(tx, names, reach)
  const only = await onlyClient(tx, reach)
  return (one: Wanted | undefined) => (one?.client === undefined ? only : clients.get(normOf(one.client)))
}

/** The same for brands, which all clients have in common: a key that is bound to clients names those of its accounts. */
async function brandsOf(tx: Queryable, wanted: readonly Wanted[], reach: Reach) {
  const names = wanted.flatMap(({ brand }) => brand ?? [])
  if (reach === null) await makeBrands(tx, names)
  const brands = await brandsNamed(tx, names, reach)
  return ({ brand }: Wanted) => (brand === undefined ? null : brands.get(normOf(brand)))
}

/** A brand that is not there for this key, or for which no name is left. */
export function noBrand(reach: Reach): Problem {
  if (reach !== null) return outOfReach('brand', 'there is no such brand')
  const message = 'there are as many brands as are looked for: remove one first'
  return new Problem(422, 'too_many', message, [{ field: 'brand', message }])
}

/** Numbers of those that are named. null: none is named; undefined: there is none of that name within reach. */
interface Named {
  readonly client: string | null | undefined
  readonly brand: string | null | undefined
}

/** The account, or why it cannot be followed by this caller, or by the access that we have. */
function followable(
  one: Wanted,
  { client, brand }: Named,
  account: HeldAccount | undefined,
  { reach, openAccess }: Following,
): HeldAccount | Problem {
  if (client === undefined) return outOfReach('client', 'there is no such client')
  if (brand === undefined) return noBrand(reach)
  if (!account && reach !== null && client === null) return unnamedClient()
  if (!account) return unsupported(one.platform, bareHandle(one))
  if (!account.is_reached) return outOfReach('handle', 'this key follows it for no client')
  return account.access_mode === 'import' && openAccess(one.platform) === null ? onlyImported() : account
}

/** What is refused for the client of another or of none is as if it were not there. */
export function outOfReach(field: string, message: string): Problem {
  return new Problem(404, 'not_found', message, [{ field, message }])
}

export function unnamedClient(): Problem {
  const message = 'this key follows accounts for several clients: name one'
  return new Problem(422, 'unnamed_client', message, [{ field: 'client', message }])
}

type Owners = Pick<HeldAccount, 'client_id' | 'brand_id'>

/** A Problem when the account is another client's or brand's. */
function takenBy(
  asked: Owners,
  account: Owners | undefined,
  earlier: Owners | undefined,
): Problem | undefined {
  for (const what of ['client', 'brand'] as const) {
    const has = account?.[`${what}_id`] ?? earlier?.[`${what}_id`]
    const wants = asked[`${what}_id`]
    if (has && wants && has !== wants) {
      const message = `the account is followed for another ${what}: change that in the account itself`
      return new Problem(409, `other_${what}`, message, [{ field: what, message }])
    }
  }
  return undefined
}
