import { sealWith } from '#shared/cloud/seal.ts'
import type { PlatformDefinition } from '#shared/platforms/definition.ts'
import type { StageConfig } from '#shared/runtime/config.ts'
import { openDataKey } from '#shared/runtime/data-key.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import type { ExtractDeps } from './deps.ts'

/** What reading a platform takes, of ports and settings; connects nothing. */
export function openExtract(
  ports: Ports,
  config: StageConfig<'extract'>,
  { name, title, access, appRemedy }: PlatformDefinition,
): ExtractDeps {
  const { db, bodies, log, random, fetch } = ports
  const dataKey = openDataKey(ports, config)
  const onWithdrawn = (field: string) =>
    log.error({ field }, `${title} serves this field no more: its column stays NULL from now on`)
  const opening = { fetch, onWithdrawn, settings: config as never }
  const readers = Object.fromEntries(
    Object.entries(access).map(([mode, { token, connector }]) => [
      mode,
      { token, connector: connector(opening) },
    ]),
  )
  return {
    ...{ db, bodies, log, random, platform: name, appRemedy, readers },
    openSealed: async (sealed, about) => sealWith(await dataKey()).open(sealed, about),
    leaseS: config.LEASE_SECONDS,
    taskAttempts: config.TASK_ATTEMPTS,
    lookBackMs: config.LOOK_BACK_DAYS * 86_400_000,
    fullWalkDays: config.FULL_WALK_DAYS,
    refreshDays: config.REFRESH_DAYS,
  }
}
