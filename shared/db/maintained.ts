import type { Queryable } from './pool.ts'
import { sql } from './sql.ts'

/** Takes a task that was last begun longer ago than that; false: it is not due yet. */
export async function takeTask(db: Queryable, task: string, everyHours: number): Promise<boolean> {
  const taken = await db.rows(sql`
    insert into maintained as m (task, done_at) values (${task}, app_now())
    on conflict (task) do update set done_at = app_now()
      where m.done_at <= app_now() - ${everyHours} * interval '1 hour'
    returning task`)
  return taken.length > 0
}
