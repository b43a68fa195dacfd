import { database } from './database.ts'
import { functions } from './functions.ts'
import { ml } from './ml.ts'
import { quota } from './quota.ts'
import { syncs } from './syncs.ts'
import { well } from './well.ts'

/** All dashboards, in the order in which people look at them. */
export const boards = [well, syncs, quota, ml, functions, database]
