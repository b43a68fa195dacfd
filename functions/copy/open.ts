import type { StageConfig } from '#shared/runtime/config.ts'
import { bucketOf, picturesOf } from '#shared/runtime/media.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import type { CopyDeps } from './run.ts'

/** What copying pictures takes, of ports and settings. undefined: pictures are not copied. */
export function openCopy(ports: Ports, config: StageConfig<'poll'>): CopyDeps | undefined {
  const { db, log, random } = ports
  const bucket = bucketOf(ports, config)
  const byLooks = config.MEDIA_SAME === 'looks'
  return bucket && { db, log, random, bucket, fetchPicture: picturesOf(ports, config), byLooks }
}
