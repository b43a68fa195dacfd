import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

/** Whether a task was last done longer ago than that, or never. */
export async function isTaskDue(db: Queryable, task: string, everyHours: number): Promise<boolean> {
  const recent = await db.rows(sql`
    select from maintained where task = ${task} and done_at > app_now() - ${everyHours} * interval '1 hour'`)
  return recent.length === 0
}

/** The task has been done to its end. */
export async function markTaskDone(db: Queryable, task: string): Promise<void> {
  await db.rows(sql`
    insert into maintained (task, done_at) values (${task}, app_now())
    on conflict (task) do update set done_at = excluded.done_at`)
}
