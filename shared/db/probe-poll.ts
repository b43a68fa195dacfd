import { forgottenTasks } from './finish-tasks.ts'
import type { Queryable } from './pool.ts'
import { sql } from './sql.ts'

export interface PollProbe {
  readonly ask: boolean
  readonly submit: boolean
  readonly pages: boolean
  readonly tasks: readonly string[]
}

/**
 * The probe of a poll tick, one query: whether ML jobs are due to be asked about or sent, whether stored pages were
 * rung for but not taken for two ticks, and which tasks were left unfinished.
 */
export async function probePoll(db: Queryable): Promise<PollProbe> {
  const [found] = await db.rows<{ ask: boolean; submit: boolean; pages: boolean; tasks: string[] }>(sql`
    select
      exists (select from ml_jobs where status = 'submitted' and due_at <= app_now()) as ask,
      exists (select from ml_jobs where status in ('planned', 'submitting') and due_at <= app_now()) as submit,
      exists (select from raw_pages where status = 'stored' and retry_at <= app_now() - interval '2 minutes') as pages,
      array(${forgottenTasks} order by t.id limit 500)::text[] as tasks`)
  return found ?? { ask: false, submit: false, pages: false, tasks: [] }
}
