import * as z from 'zod'
import { makePartitions, migrate } from '#shared/db/migrate.ts'
import { stageSettings, withSettings } from '#shared/runtime/config.ts'
import { openOwner } from './core/core.ts'
import { openProcess } from './core/process.ts'
import { owner, pool } from './core/settings.ts'

/** Brings the database to this release and ends: the first step of an installation, and of each upgrade. */
const settings = withSettings(z.object({ ...stageSettings.migrate.shape, ...owner }), pool)
const { config, ports, flush } = await openProcess('migrate', settings)
const db = openOwner(ports, config)
const applied = await migrate(db)
const partitions = await makePartitions(db)
ports.log.info({ applied, partitions }, 'the schema is that of this release')
await db.end()
if (db !== ports.db) await ports.db.end()
await flush()
process.exit()
