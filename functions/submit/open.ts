import type { StageConfig } from '#shared/runtime/config.ts'
import { bucketOf, mediaDoor } from '#shared/runtime/media.ts'
import { type Ml, openMl } from '#shared/runtime/ml.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import type { SubmitDeps } from './run.ts'

/** What sending ML jobs takes, of ports and settings. @param ml the providers, where other stages of the process use them too */
export function openSubmit(
  ports: Ports,
  config: StageConfig<'poll'>,
  ml: Ml = openMl(ports, config),
): SubmitDeps {
  const { db, random } = ports
  const { senders, routes } = ml
  const bucket = bucketOf(ports, config)
  const byLooks = bucket !== undefined && config.MEDIA_SAME === 'looks'
  return { db, random, senders, routes, media: mediaDoor(config), bucket, byLooks }
}
