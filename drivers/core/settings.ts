import * as z from 'zod'
import { secret } from '#shared/model/setting.ts'
import { platformNames, platformOf } from '#shared/platforms/index.ts'
import { platforms } from '#shared/platforms/registry.ts'
import { stageSettings, withSettings } from '#shared/runtime/config.ts'

/** The same database as the owner of its tables, for maintain alone, which changes them; absent: DATABASE_URL is the owner's. */
export const owner = { OWNER_DATABASE_URL: secret(z.url({ protocol: /^postgres(ql)?$/ }).optional()) }

/** One process does the work of all functions: it may use more connections than one of them. */
export const pool = { DATABASE_POOL: z.coerce.number().int().min(1).max(50).default(8) }

const stages = z.object({
  ...owner,
  ...stageSettings.extract.shape,
  ...stageSettings.transform.shape,
  ...stageSettings.poll.shape,
  ...stageSettings.maintain.shape,
})

/** What a worker reads from its environment: what the functions of all stages read, without their queues. */
export const workerSettings = withSettings(
  stages,
  ...platforms.flatMap(({ reading, renewing }) => [reading, renewing]),
  pool,
)

export type WorkerConfig = z.output<typeof stages>

/** What the API reads from its environment as a plain server. */
export const apiSettings = withSettings(
  stageSettings.sync,
  ...platformNames.flatMap((name) => [platformOf(name).planning, platformOf(name).connecting]),
  pool,
)
