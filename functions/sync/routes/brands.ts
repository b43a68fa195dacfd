import * as z from 'zod'
import { lookForBrands } from '#shared/db/operations/look-for-brands.ts'
import { removeBrand, saveBrands, TooManyNames } from '#shared/db/tables/brands.ts'
import { type BrandLine, listBrands } from '#shared/db/views/brand-list.ts'
import { Problem } from '#shared/http/problem.ts'
import { within } from '#shared/within.ts'
import { BrandList, BrandQuery, BrandsSaved, BrandView } from '../api/brand.ts'
import { Id, listOf } from '../api/page.ts'
import { paged } from './query.ts'
import { notFound, type Route, route } from './route.ts'

/** How long a caller waits while what is on record is looked through; maintain goes on with the rest. */
const lookMs = 5_000

const brandView = ({ aliases, handles, accounts, ...brand }: BrandLine) => ({
  ...brand,
  aliases: [...aliases],
  handles: [...handles],
  accounts: [...accounts],
})

/** Brands that are looked for in texts and in what models found. */
export const brandRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/brands',
    summary: 'Brands that are looked for, and how many posts name each',
    scope: 'read',
    isForClients: true,
    query: BrandQuery,
    status: 200,
    answer: listOf(BrandView),
    serve: async ({ db, caller, query: { after, limit, counts } }) => {
      const brands = await listBrands(db, after ?? '0', limit + 1, { reach: caller.reach, counts })
      const { items, next } = paged(brands, limit)
      return { items: items.map(brandView), next }
    },
  }),
  route({
    method: 'POST',
    path: '/v1/brands',
    summary: 'Add brands, or change the aliases of those there by name; no ML job is needed for it',
    scope: 'sync',
    body: BrandList,
    status: 200,
    answer: BrandsSaved,
    serve: async ({ db, body: { brands }, caller, signal }) => {
      const saved = await saveBrands(db, brands, caller.name).catch((error: unknown) => {
        if (!(error instanceof TooManyNames)) throw error
        throw new Problem(422, 'too_many', error.message, [{ field: 'brands', message: error.message }])
      })
      const isThrough = await within(lookMs, signal, (share) => lookForBrands(db, share))
      return { ...saved, is_looked_through: isThrough }
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/brands/{id}',
    summary: 'Stop looking for a brand, and forget which posts name it',
    scope: 'sync',
    status: 200,
    answer: z.object({ id: Id }),
    serve: async ({ db, id, caller }) => {
      if (!(await removeBrand(db, id, caller.name))) throw notFound('such brand')
      return { id }
    },
  }),
]
