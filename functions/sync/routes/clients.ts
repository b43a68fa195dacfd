import * as z from 'zod'
import { note } from '#shared/db/tables/audit-log.ts'
import { listClients, removeClient, renameClient } from '#shared/db/tables/clients.ts'
import { Problem } from '#shared/http/problem.ts'
import { ClientName } from '#shared/model/client.ts'
import { ClientView } from '../api/client.ts'
import { Id, listOf, Page } from '../api/page.ts'
import { paged } from './query.ts'
import { notFound, type Route, route } from './route.ts'

/** Clients are made by following an account for one. */
export const clientRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/clients',
    summary: 'Clients, and how many accounts are followed for each',
    scope: 'read',
    isForClients: true,
    query: Page,
    status: 200,
    answer: listOf(ClientView),
    serve: async ({ db, caller, query: { after, limit } }) => {
      const { items, next } = paged(await listClients(db, caller.reach, after ?? '0', limit), limit)
      return { items: items.map((one) => ({ ...one, created_at: one.created_at.toISOString() })), next }
    },
  }),
  route({
    method: 'PATCH',
    path: '/v1/clients/{id}',
    summary: 'Give a client another name',
    scope: 'sync',
    body: z.strictObject({ name: ClientName }),
    status: 200,
    answer: z.object({ id: Id, name: z.string() }),
    serve: async ({ db, id, body: { name }, caller }) => {
      await db.transaction(async (tx) => {
        const done = await renameClient(tx, id, name)
        if (!done) throw notFound('such client')
        if (done === 'taken')
          throw new Problem(409, 'conflict', 'another client has this name', [
            { field: 'name', message: 'in use' },
          ])
        await note(tx, {
          actor: caller.name,
          action: 'rename client',
          about: `client ${id}`,
          details: { name },
        })
      })
      return { id, name }
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/clients/{id}',
    summary: 'Remove a client: its accounts stay, for no client, and keys bound to it see them no more',
    scope: 'admin',
    status: 200,
    answer: z.object({ id: Id }),
    serve: async ({ db, id, caller }) => {
      await db.transaction(async (tx) => {
        if (!(await removeClient(tx, id))) throw notFound('such client')
        await note(tx, { actor: caller.name, action: 'remove client', about: `client ${id}`, details: {} })
      })
      return { id }
    },
  }),
]
