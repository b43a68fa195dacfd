import * as z from 'zod'
import { Id } from './page.ts'
import { TaskView } from './task.ts'

export const Origin = z.enum(['schedule', 'http', 'backfill'])

const State = z.enum(['running', 'waiting', 'done', 'incomplete', 'failed', 'cancelled'])

const Mode = z.enum(['refresh', 'incremental', 'full'])

export const SyncView = z.object({
  id: Id,
  state: State,
  origin: Origin,
  mode: Mode,
  created_at: z.iso.datetime(),
  finished_at: z.iso
    .datetime()
    .nullable()
    .describe('null: it is open, or was cancelled before its accounts ended'),
  now: z.iso.datetime().describe('by the clock of the database'),
  accounts: z.int().describe('accounts in all; the first hundred are listed'),
  tasks: z.array(TaskView),
  eta: z
    .object({
      on_record: z.boolean().describe('whether its profiles and posts are stored'),
      rows_at: z.iso
        .datetime()
        .nullable()
        .describe('when they will be; null: they are, or it cannot be estimated'),
      ready_at: z.iso
        .datetime()
        .nullable()
        .describe('when ML jobs are done too; null: it cannot be estimated'),
      because: z.string(),
    })
    .nullable()
    .describe('null: the sync has ended'),
})

export const SyncLine = SyncView.omit({
  accounts: true,
  tasks: true,
  eta: true,
  finished_at: true,
  now: true,
}).extend({
  tasks: z.int(),
  accounts: z.array(z.string()).describe('handles, or else native ids, of up to three of its accounts'),
})

export const Started = z.object({ id: Id, url: z.string() })

export const Cancelled = z.object({
  cancelled: z.int(),
  shared: z.int().describe('tasks that go on, because other syncs wait for them too'),
})
