import { raw, type Sql, sql } from '../../sql.ts'

/** Jobs `j` that are yet to end, as the two indexes of what is due have them. */
export const isOpen = sql`(j.status in ('planned', 'submitting') or (j.status = 'submitted' and j.next_at < 'infinity'))`

/** Open, or given up and still asked about, should its result come late. */
export const isAwaited = sql`(${isOpen} or (j.status = 'expired' and j.next_at < 'infinity'))`

/** Whether a post has the content of a job `j`. A text may be edited while its job is open. */
export const isWanted = sql`(exists (select from posts p where p.text_key = j.content_key)
  or exists (select from post_media m where m.content_key = j.content_key))`

/** Whether a job by one name is of the same content, kind and model as one by another. */
export const isSameWork = (one: string, other: string) =>
  raw(
    `(${one}.content_key, ${one}.kind, ${one}.model) = (${other}.content_key, ${other}.kind, ${other}.model)`,
  )

/** Whether a job `j` is the last attempt at its content: what became of earlier ones counts no more. */
export const isNewest = sql`not exists (
  select from ml_jobs n where ${isSameWork('n', 'j')} and n.attempt_no > j.attempt_no)`

/** Ended without a result that a post waits for. */
export const hasFailed = sql`(j.status in ('failed', 'expired') and ${isNewest} and ${isWanted})`

/** Ids of the jobs of a task, by the SQL of its id: those made for it, and those of contents that others asked for before. */
export const jobsOfTask = (taskId: Sql) => sql`
  select id from ml_jobs where sync_task_id = ${taskId}
  union select o.id from ml_waits w join ml_jobs o on o.content_key = w.content_key where w.sync_task_id = ${taskId}`

/** Whether a task `t` has a job `j` of which that is true. */
const hasJob = (condition: Sql) => sql`(
  exists (select from ml_jobs j where j.sync_task_id = t.id and ${condition})
  or exists (select from ml_waits w join ml_jobs j on j.content_key = w.content_key where w.sync_task_id = t.id and ${condition}))`

/** Whether nothing that models are to look at is left of a task `t`. A job that no post needs any more holds up none. */
export const nothingOpen = sql`(not exists (select from ml_plans l where l.sync_task_id = t.id) and not ${hasJob(sql`${isOpen} and ${isWanted}`)})`

export const someFailed = hasJob(hasFailed)

/** The contents of a post, by the SQL of its id. */
export const contentsOf = (postId: Sql) => sql`
  select text_key as content_key from posts where id = ${postId} and text_key is not null
  union select content_key from post_media where post_id = ${postId} and content_key is not null`

/** Jobs yet to be sent, or whose sender died. */
export const isToSend = raw(`status in ('planned', 'submitting')`)
