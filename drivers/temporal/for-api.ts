import { Connection } from '@temporalio/client'
import type { Db } from '#shared/db/pool.ts'
import type { ForApi } from '../core/follower.ts'
import { openFollower, startNow } from './client.ts'
import { connectionOf, placeOf, type TemporalConfig } from './settings.ts'

/** What the API takes of Temporal: it starts and wakes workflows, and runs none. */
export async function openForApi(db: Db, config: TemporalConfig): Promise<ForApi> {
  const connection = Connection.lazy(connectionOf(config))
  const place = placeOf(config)
  const follower = openFollower(db, connection, place)
  return {
    follower,
    transformDue: async () => void (await startNow(follower.client, place, 'transformAll')),
    // A connection that is closed throws out of a timer that tries a call again; it ends with the process.
    close: async () => undefined,
  }
}
