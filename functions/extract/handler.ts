import type { Send } from '#shared/model/message.ts'
import type { PlatformDefinition } from '#shared/platforms/definition.ts'
import { ringsOf } from '#shared/queue/ymq-event.ts'
import { extractQueue, extractQueueUrl, functionSettings, withSettings } from '#shared/runtime/config.ts'
import type { CloudFunction } from '#shared/runtime/handler.ts'
import { ringer } from '#shared/runtime/ringer.ts'
import type { ExtractDeps } from './deps.ts'
import { openExtract } from './open.ts'
import { runExtract } from './run.ts'

const extracting = functionSettings.extract

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
    deps: openExtract(ports, config, platform),
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
