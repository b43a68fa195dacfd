import type * as z from 'zod'
import { appIsRefused, type OpenFault, openFaults } from '#shared/db/tables/app-faults.ts'
import { newestMigration } from '#shared/db/views/schema.ts'
import { Problem } from '#shared/http/problem.ts'
import type { Health as HealthView } from './api/checks.ts'
import type { ApiDeps } from './deps.ts'

export type Health = z.input<typeof HealthView>

export const faultView = ({ platform, access_mode, message, remedy, since }: OpenFault) => ({
  ...{ platform, access_mode, message, remedy },
  since: since.toISOString(),
})

/** Without what a platform said, which may name an account that the reader may not see. */
export const unnamed = (fault: ReturnType<typeof faultView>) => ({ ...fault, message: appIsRefused })

/** Asks the database, and names no account. Throws a Problem 503 where it cannot be asked. */
export async function readHealth({ db, log }: Pick<ApiDeps, 'db' | 'log'>): Promise<Health> {
  try {
    const schema = await newestMigration(db)
    const faults = (await openFaults(db)).map(faultView).map(unnamed)
    return { status: faults.length > 0 ? 'app_refused' : 'ok', schema, faults }
  } catch (error) {
    log.error({ error }, 'the database cannot be asked')
    throw new Problem(503, 'unavailable', 'the database cannot be asked')
  }
}
