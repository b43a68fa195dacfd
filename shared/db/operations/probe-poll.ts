import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'
import { isToAsk } from '../tables/ml-jobs/answered.ts'
import { isToSend } from '../tables/ml-jobs/contents.ts'
import { forgottenTasks } from './finish-tasks.ts'

/**
 * A page, as `p`, that no ring will start: rung for once and not claimed for two ticks, or due for another
 * attempt, for which there is no ring.
 */
const forgottenPage = sql`
  p.status = 'stored' and p.retry_at <= app_now() - case when p.attempts = 0 then interval '2 minutes' else interval '0' end`

export interface PollProbe {
  readonly ask: boolean
  readonly submit: boolean
  /** Pictures are due to be copied. */
  readonly copies: boolean
  readonly pages: boolean
  readonly tasks: readonly string[]
}

/**
 * The probe of a poll tick, one query: whether ML jobs are due to be asked about or sent, whether stored pages wait
 * for a ring, and which tasks were left unfinished.
 */
export async function probePoll(db: Queryable): Promise<PollProbe> {
  const [found] = await db.rows<{
    ask: boolean
    submit: boolean
    copies: boolean
    pages: boolean
    tasks: string[]
  }>(sql`
    select
      exists (select from ml_jobs where ${isToAsk}) as ask,
      exists (select from ml_plans) or exists (select from ml_jobs where ${isToSend} and next_at <= app_now()) as submit,
      exists (select from media_copies where status = 'wanted' and next_at <= app_now()) as copies,
      exists (select from raw_pages p where ${forgottenPage}) as pages,
      array(${forgottenTasks} order by t.id limit 500)::text[] as tasks`)
  return found ?? { ask: false, submit: false, copies: false, pages: false, tasks: [] }
}
