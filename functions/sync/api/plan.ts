import * as z from 'zod'
import { PlatformName } from '#shared/platforms/index.ts'

const PoolView = z.object({
  pool: z.string(),
  units: z.int().describe('units that this uses'),
  left: z.int().describe('units left now; 0 while the pool is blocked'),
  limit: z.int().describe('units of a whole window'),
  windows: z.int().describe('further windows that it needs after the open one'),
  blocked_until: z.iso.datetime().nullable().describe('null: not blocked'),
  ends_at: z.iso.datetime().describe('when the pool has given all these units; `now` if it can at once'),
})

export const Plan = z.object({
  now: z.iso.datetime().describe('by the clock of the database'),
  accounts: z.int(),
  never_read: z
    .int()
    .describe('accounts whose number of posts is not known yet: one page of each is planned'),
  posts: z.int().describe('posts that are listed'),
  calls: z.array(z.object({ platform: PlatformName, endpoint: z.string(), calls: z.int() })),
  pools: z.array(PoolView).describe('quotas that it uses, the slowest first'),
  starts_at: z.iso.datetime(),
  rows_at: z.iso
    .datetime()
    .describe('when profiles and posts are on record, if no other sync starts meanwhile'),
  ml_jobs: z
    .int()
    .nullable()
    .describe('null: the number of its posts is not known yet, or no post of its platform is on record'),
  ready_at: z.iso
    .datetime()
    .nullable()
    .describe('when nine of ten of its ML jobs are done, as fast as those before; null: not known yet'),
  usd: z.object({
    functions: z.number().describe('the cost of the functions, without the free tier'),
    ml_jobs: z.number().nullable().describe('null: their number, or ML_JOB_USD, is not known'),
  }),
})
