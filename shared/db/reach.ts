import { type Sql, sql } from './sql.ts'

/** The clients whose accounts a caller sees and syncs, as in clients.id. null: all accounts. */
export type Reach = readonly string[] | null

/** Whether a client, by its number, is within reach; NULL where there is none, which counts as false. */
export const isClientReached = (reach: Reach, client: Sql): Sql =>
  reach === null ? sql`true` : sql`${client} = any(${[...reach]}::bigint[])`

/** Whether an account, or a link, by its alias, is within reach; NULL where it is of no client, which counts as false. */
export const isReached = (reach: Reach, account: Sql): Sql =>
  isClientReached(reach, sql`${account}.client_id`)

/** Whether the account of that number is. */
export const reaches = (reach: Reach, accountId: Sql): Sql =>
  reach === null
    ? sql`true`
    : sql`exists (select from accounts reached where reached.id = ${accountId} and ${isReached(reach, sql`reached`)})`

/** Whether a request, by its number, has an account within reach. */
export const isJobReached = (reach: Reach, job: Sql): Sql =>
  reach === null
    ? sql`true`
    : sql`${job} in (
        select own.sync_job_id from accounts reached join sync_tasks st on st.account_id = reached.id
        join sync_job_tasks own on own.sync_task_id = st.id where ${isReached(reach, sql`reached`)})`

/** Whether a brand, by its number, has an account within reach. */
export const isBrandReached = (reach: Reach, brand: Sql): Sql =>
  reach === null
    ? sql`true`
    : sql`exists (select from accounts branded where branded.brand_id = ${brand} and ${isReached(reach, sql`branded`)})`
