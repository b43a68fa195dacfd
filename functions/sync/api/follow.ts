import * as z from 'zod'
import { ClientName } from '#shared/model/client.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { FollowLine } from '../follow.ts'
import { Id } from './page.ts'

export const mostLines = 1_000

const fieldsOf = (issues: readonly z.core.$ZodIssue[]) =>
  issues.map(({ path, message }) => ({ field: path.join('.') || 'line', message }))

/** A line as it was read, or what is wrong with it: it stops no other. */
const Line = FollowLine.transform((wanted) => ({ wanted, fields: null })).catch(
  ({ error }) => ({ wanted: null, fields: fieldsOf(error.issues) }) as never,
)

export const FollowMany = z.strictObject({
  accounts: z.array(Line).min(1).max(mostLines),
  client: ClientName.optional().describe('for all lines that name none'),
})

/** As problem+json has it. */
const ProblemView = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
})

export const LineResult = z.object({
  index: z.int().describe('the place of the line, from 0'),
  status: z.enum(['followed', 'known', 'refused']).describe('known: it was followed already'),
  account: z
    .object({
      id: Id,
      platform: PlatformName,
      handle: z.string().nullable(),
      native_id: z.string().nullable(),
    })
    .optional(),
  problem: ProblemView.optional(),
})

export const FollowedMany = z.object({ results: z.array(LineResult) })
