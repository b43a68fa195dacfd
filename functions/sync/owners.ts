import type { Queryable } from '#shared/db/pool.ts'
import type { Reach } from '#shared/db/reach.ts'
import { brandsNamed, makeBrands } from '#shared/db/tables/brands.ts'
import { clientsNamed, makeClients } from '#shared/db/tables/clients.ts'
import { Problem } from '#shared/http/problem.ts'
import { normOf } from '#shared/model/brand.ts'

/** Names; null: of none any more. */
interface Owners {
  readonly client?: string | null | undefined
  readonly brand?: string | null | undefined
}

/**
 * The client and the brand that an account is given by name, made when they are new. Throws a Problem 404 for a client that the
 * caller's key is not bound to.
 */
export async function ownersNamed(tx: Queryable, { client, brand }: Owners, reach: Reach) {
  if (client && reach === null) await makeClients(tx, [client])
  if (brand) await makeBrands(tx, [brand])
  const clients = await clientsNamed(tx, client ? [client] : [], reach)
  const brands = await brandsNamed(tx, brand ? [brand] : [])
  const client_id = client && clients.get(normOf(client))
  if (client !== undefined && reach !== null && !client_id) {
    const message = 'there is no such client'
    throw new Problem(404, 'not_found', message, [{ field: 'client', message }])
  }
  return { client_id, brand_id: brand && brands.get(normOf(brand)) }
}
