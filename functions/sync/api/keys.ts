import * as z from 'zod'
import { Id } from './page.ts'

export const Scope = z.enum(['read', 'sync', 'admin'])

export const KeyView = z.object({
  id: Id,
  name: z.string(),
  scopes: z.array(Scope),
  clients: z.array(z.string()).nullable().describe('the clients whose accounts it sees; null: all accounts'),
  created_at: z.iso.datetime(),
})
