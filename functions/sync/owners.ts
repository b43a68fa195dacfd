import type { Queryable } from '#shared/db/pool.ts'
import type { Reach } from '#shared/db/reach.ts'
import { brandsNamed, makeBrands } from '#shared/db/tables/brands.ts'
import { clientsNamed, makeClients } from '#shared/db/tables/clients.ts'
import { normOf } from '#shared/model/brand.ts'
import { noBrand, outOfReach } from './follow-many.ts'

/** Names; null: of none any more. */
interface Owners {
  readonly client?: string | null | undefined
  readonly brand?: string | null | undefined
}

/**
 * The client and the brand that an account is given by name, made when they are new. The caller holds the account. Throws a Problem 404
 * for a client that the caller's key is not bound to, and for a brand that its accounts do not have.
 */
export async function ownersNamed(tx: Queryable, { client, brand }: Owners, reach: Reach) {
  if (client && reach === null) await makeClients(tx, [client])
  if (brand && reach === null) await makeBrands(tx, [brand])
  const clients = await clientsNamed(tx, client ? [client] : [], reach)
  const brands = await brandsNamed(tx, brand ? [brand] : [], reach)
  const client_id = client && clients.get(normOf(client))
  const brand_id = brand && brands.get(normOf(brand))
  if (client !== undefined && reach !== null && !client_id)
    throw outOfReach('client', 'there is no such client')
  if (brand && !brand_id) throw noBrand(reach)
  return { client_id, brand_id }
}
