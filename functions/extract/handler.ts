import { sealWith } from '#shared/cloud/seal.ts'
import type { AccessMode, Platform } from '#shared/model/account.ts'
import type { Send } from '#shared/model/message.ts'
import type { Connector } from '#shared/platforms/platform.ts'
import { ringsOf } from '#shared/queue/ymq-event.ts'
import type { Config } from '#shared/runtime/config.ts'
import { openDataKey } from '#shared/runtime/data-key.ts'
import type { CloudFunction } from '#shared/runtime/handler.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { ringer } from '#shared/runtime/ringer.ts'
import type { ExtractDeps } from './deps.ts'
import { runExtract } from './run.ts'

type ExtractName = 'extract-youtube' | 'extract-instagram' | 'extract-tiktok'

/** What is particular to the function of one platform. */
interface Extracting<Name extends ExtractName> {
  readonly name: Name
  readonly platform: Platform
  connectors(ports: Ports, config: Config<Name>): Partial<Record<AccessMode, Connector | null>>
  ownQueueUrl(config: Config<Name>): string
}

interface Opened {
  readonly deps: ExtractDeps
  readonly ringTransform: Send
  readonly ringExtract: Send
}

/**
 * The function that reads one platform: its timer makes tasks for accounts that are due and repairs what rings missed, a
 * ring starts reading what is due. What time leaves over is rung for again.
 */
export const extractFunction = <Name extends ExtractName>(
  it: Extracting<Name>,
): CloudFunction<Name, Opened> => ({
  name: it.name,
  budgetMs: 240_000,
  open: (ports, config) => ({
    deps: extractDeps(ports, config, it.platform, it.connectors(ports, config)),
    ringTransform: ports.sender(config.TRANSFORM_QUEUE_URL),
    ringExtract: ports.sender(it.ownQueueUrl(config)),
  }),
  call: async ({ deps, ringTransform, ringExtract }, event, signal) => {
    const rings = ringer(ringTransform, deps.log)
    const create = ringsOf(event).length === 0
    const { tasks } = await runExtract(deps, { of: 'due', create }, signal, rings.kept)
    await rings.ring()
    if (tasks.some(({ state }) => state === 'given back')) await ringExtract([{ v: 1, kind: 'extract' }])
    return { claimed: tasks.length }
  },
})

function extractDeps(
  ports: Ports,
  config: Config<ExtractName>,
  platform: Platform,
  connectors: ExtractDeps['connectors'],
): ExtractDeps {
  const dataKey = openDataKey(ports, config)
  return {
    ...{ db: ports.db, log: ports.log, random: ports.random, platform, connectors },
    openSealed: async (sealed, about) => sealWith(await dataKey()).open(sealed, about),
    leaseS: config.LEASE_SECONDS,
    taskAttempts: config.TASK_ATTEMPTS,
    lookBackMs: config.LOOK_BACK_DAYS * 86_400_000,
    fullWalkDays: config.FULL_WALK_DAYS,
    refreshDays: config.REFRESH_DAYS,
  }
}
