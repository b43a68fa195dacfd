import { sealWith } from '#shared/cloud/seal.ts'
import type { Send } from '#shared/model/message.ts'
import type { PlatformDefinition } from '#shared/platforms/definition.ts'
import { ringsOf } from '#shared/queue/ymq-event.ts'
import {
  extractQueue,
  extractQueueUrl,
  type StageConfig,
  stageSettings,
  withSettings,
} from '#shared/runtime/config.ts'
import { openDataKey } from '#shared/runtime/data-key.ts'
import type { CloudFunction } from '#shared/runtime/handler.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { ringer } from '#shared/runtime/ringer.ts'
import type { ExtractDeps } from './deps.ts'
import { runExtract } from './run.ts'

const extracting = stageSettings.extract

interface Opened {
  readonly deps: ExtractDeps
  readonly ringTransform: Send
  readonly ringExtract: Send
}

/**
 * The function that reads one platform: its timer makes tasks for accounts that are due and repairs what rings missed, a
 * ring starts reading what is due. What time leaves over is rung for again.
 */
export const extractFunction = (platform: PlatformDefinition): CloudFunction<typeof extracting, Opened> => ({
  name: `extract-${platform.name}`,
  settings: withSettings(extracting, extractQueue(platform.name), platform.reading),
  budgetMs: 240_000,
  open: (ports, config) => ({
    deps: extractDeps(ports, config, platform),
    ringTransform: ports.sender(config.TRANSFORM_QUEUE_URL),
    ringExtract: ports.sender(extractQueueUrl(config, platform.name)),
  }),
  call: async ({ deps, ringTransform, ringExtract }, event, signal) => {
    const rings = ringer(ringTransform, deps.log)
    const create = ringsOf(event).length === 0
    const { tasks } = await runExtract(deps, { of: 'due', create }, signal, rings.kept).finally(rings.ring)
    if (tasks.some(({ state }) => state === 'given back')) await ringExtract([{ v: 1, kind: 'extract' }])
    return { claimed: tasks.length }
  },
})

function extractDeps(
  ports: Ports,
  config: StageConfig<'extract'>,
  { name, title, access, appRemedy }: PlatformDefinition,
): ExtractDeps {
  const { db, log, random, fetch } = ports
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
    ...{ db, log, random, platform: name, appRemedy, readers },
    openSealed: async (sealed, about) => sealWith(await dataKey()).open(sealed, about),
    leaseS: config.LEASE_SECONDS,
    taskAttempts: config.TASK_ATTEMPTS,
    lookBackMs: config.LOOK_BACK_DAYS * 86_400_000,
    fullWalkDays: config.FULL_WALK_DAYS,
    refreshDays: config.REFRESH_DAYS,
  }
}
