import { sql } from '../sql.ts'

/** Statuses of accounts that a person does not want to be synced. */
export const atRest = sql`('paused', 'unfollowed', 'erased')`
