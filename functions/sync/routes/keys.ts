import * as z from 'zod'
import type { Queryable } from '#shared/db/pool.ts'
import { type ApiKey, listKeys, makeKey, revokeKey } from '#shared/db/tables/api-keys.ts'
import { note } from '#shared/db/tables/audit-log.ts'
import { clientsNamed } from '#shared/db/tables/clients.ts'
import { Problem } from '#shared/http/problem.ts'
import { normOf } from '#shared/model/brand.ts'
import { ClientName } from '#shared/model/client.ts'
import { KeyView, Scope } from '../api/keys.ts'
import { Id } from '../api/page.ts'
import { hashOf, newKey } from '../keys.ts'
import { notFound, type Route, route } from './route.ts'

const viewOf = ({ id, name, scopes, clients, created_at }: ApiKey) => ({
  ...{ id, name, scopes: [...scopes], clients: clients && [...clients] },
  created_at: created_at.toISOString(),
})

/** Throws a Problem 422 that names each client that is not there. */
async function idsOf(tx: Queryable, names: readonly string[]): Promise<string[]> {
  const known = await clientsNamed(tx, names, null)
  const faults = names.flatMap((name, index) =>
    known.has(normOf(name)) ? [] : [{ field: `clients.${index}`, message: 'there is no such client' }],
  )
  if (faults.length > 0)
    throw new Problem(422, 'unknown_client', 'a key is bound to clients that are there', faults)
  return [...new Set(known.values())]
}

export const keyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/keys',
    summary: 'Keys of this API, beside the one of the settings',
    scope: 'admin',
    status: 200,
    answer: z.object({ items: z.array(KeyView) }),
    serve: async ({ db }) => ({ items: (await listKeys(db)).map(viewOf) }),
  }),
  route({
    method: 'POST',
    path: '/v1/keys',
    summary: 'Make a key; it is shown only once',
    scope: 'admin',
    body: z
      .strictObject({
        name: z
          .string()
          .trim()
          .min(1)
          .max(100)
          // In the audit log `api` is the key of the settings, and `transform` what that function does by itself.
          .refine((name) => !['api', 'transform'].includes(name.toLowerCase()), 'this name is taken'),
        scopes: z.array(Scope).min(1),
        clients: z
          .array(ClientName)
          .min(1)
          .max(100)
          .optional()
          .describe('names of clients: the key sees and syncs their accounts alone'),
      })
      .refine(({ scopes, clients }) => !clients || !scopes.includes('admin'), {
        path: ['scopes'],
        message: 'a key that is bound to clients reads and syncs: admin concerns all',
      }),
    status: 201,
    // A key is shown once and not stored for a repetition: the name is taken then.
    isKept: false,
    answer: KeyView.extend({ key: z.string() }),
    serve: async ({ db, body, caller, keyCheck }) => {
      const key = newKey((await keyCheck()).secret)
      const made = await db.transaction(async (tx) => {
        const client_ids = body.clients ? await idsOf(tx, body.clients) : null
        const one = await makeKey(tx, { ...body, client_ids, hash: hashOf(key) })
        if (one)
          await note(tx, { actor: caller.name, action: 'make key', about: `key ${one.id}`, details: body })
        return one
      })
      if (made) return { ...viewOf(made), key }
      throw new Problem(409, 'conflict', 'a key of this name is in use', [
        { field: 'name', message: 'in use' },
      ])
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/keys/{id}',
    summary: 'Revoke a key: it is refused from now on',
    scope: 'admin',
    status: 200,
    answer: z.object({ id: Id }),
    serve: async ({ db, id, caller }) => {
      const revoked = await db.transaction(async (tx) => {
        const done = await revokeKey(tx, id)
        if (done)
          await note(tx, { actor: caller.name, action: 'revoke key', about: `key ${id}`, details: {} })
        return done
      })
      if (!revoked) throw notFound('such key')
      return { id }
    },
  }),
]
