import * as z from 'zod'
import { Id } from './page.ts'

export const ClientView = z.object({
  id: Id,
  name: z.string(),
  created_at: z.iso.datetime(),
  accounts: z.int().describe('accounts followed for it now'),
})
