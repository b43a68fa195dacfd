import { type Sql, sql } from './sql.ts'

/** The clients whose accounts a caller sees and syncs, as in clients.id. null: all accounts. */
export type Reach = readonly string[] | null

/** Whether an account, by its alias, is within reach. */
export const isReached = (reach: Reach, account: Sql): Sql =>
  reach === null ? sql`true` : sql`coalesce(${account}.client_id = any(${[...reach]}::bigint[]), false)`

/** Whether the account of that number is. */
export const reaches = (reach: Reach, accountId: Sql): Sql =>
  reach === null
    ? sql`true`
    : sql`exists (select from accounts reached where reached.id = ${accountId} and ${isReached(reach, sql`reached`)})`

/** Whether a request, by its number, has an account within reach. */
export const isJobReached = (reach: Reach, job: Sql): Sql =>
  reach === null
    ? sql`true`
    : sql`exists (select from sync_job_tasks own join sync_tasks st on st.id = own.sync_task_id
        where own.sync_job_id = ${job} and ${reaches(reach, sql`st.account_id`)})`
