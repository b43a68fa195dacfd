import * as z from 'zod'
import { MlKind } from '#shared/model/ml-job.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { FaultView } from './checks.ts'
import { CredentialView } from './connect.ts'
import { Id } from './page.ts'

const Count = z.int().nonnegative()

export const Overview = z.object({
  now: z.iso.datetime().describe('by the clock of the database'),
  report_time_zone: z.string().describe('in which days of numbers by day begin'),
  accounts: z
    .array(z.object({ platform: PlatformName, state: z.enum(['fresh', 'late', 'stopped']), count: Count }))
    .describe(
      'fresh: walked within twice the time asked for; stopped: paused, imported, not found, or cannot be read',
    ),
  stalest: z
    .array(z.object({ id: Id, platform: PlatformName, name: z.string(), ratio: z.number() }))
    .describe('time since the posts of an account were walked, over the time asked for'),
  faults: z.array(FaultView).describe('for which accounts the app itself is refused, and what to do'),
  tasks: z.array(z.object({ state: z.string(), count: Count })),
  waiting: z.array(z.object({ reason: z.string(), count: Count })).describe('why tasks wait'),
  ml_backlog: z.array(z.object({ age: z.string(), count: Count })).describe('open ML jobs by their age'),
  ml_unserved: z
    .array(MlKind)
    .describe('kinds of ML jobs that no provider in the settings does: nothing is planned of these'),
  parked: z.object({
    pages: Count,
    ml_jobs: Count,
    held_deletions: Count.describe(
      'posts that wait for a person to confirm their deletion, because many of one account were not found at once',
    ),
  }),
  quarantined: Count.describe('records that validation refused'),
  consents_ending: z
    .array(CredentialView)
    .describe('consents and shared tokens that ended, or end for good within 14 days'),
})
